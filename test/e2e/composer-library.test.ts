// Composer, library and sequences in the built page: exactly the bytes that were meant, saved messages by their keys, a
// repetition that is seen and stopped, a sequence with its results, files in and out. Counterparts: renderer/workbench/composer,
// renderer/library, main/engine/runs, main/workspace.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { startScriptedServer } from '../support/scripted-server.ts'
import { composerReady, openServedWorkbench, testFolder } from './support/served-workbench.ts'

/** A server that keeps what comes and answers every line. */
const keeping = async () => {
  let came = Buffer.alloc(0)
  const server = await startScriptedServer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      came = Buffer.concat([came, chunk])
      const said = chunk.toString('latin1')
      if (said.startsWith('AUTH')) socket.write(said.startsWith('AUTH secret') ? '+OK\r\n' : '-WRONGPASS\r\n')
      if (said.startsWith('GET')) socket.write('$2\r\n42\r\n')
    })
    socket.on('end', () => socket.end())
  })
  return {
    port: server.port,
    hex: () => came.toString('hex'),
    text: () => came.toString('latin1'),
    length: () => came.length,
    forget: () => {
      came = Buffer.alloc(0)
    },
  }
}

const connect = async (page: Page, port: number): Promise<void> => {
  await page.getByRole('button', { name: 'New client' }).first().click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Host', { exact: true }).fill('127.0.0.1')
  await sheet.getByLabel('Port', { exact: true }).fill(String(port))
  await sheet.getByRole('button', { name: 'Connect', exact: true }).click()
  await sheet.waitFor({ state: 'hidden' })
  await composerReady(page)
}

const composer = (page: Page) => page.getByRole('region', { name: 'Composer' })
const message = (page: Page) => page.getByRole('textbox', { name: 'Message' })
const send = (page: Page) => composer(page).locator('[data-send]')

const choose = async (page: Page, label: string, option: string): Promise<void> => {
  await composer(page).getByRole('combobox', { name: label }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

const faults = async (page: Page): Promise<string[]> =>
  (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)

describeInChromium('The composer', () => {
  it('sends exactly the bytes it shows: escapes, encodings, macros, files; and nothing of what is wrong', async () => {
    const { page, captures, complaints } = await openServedWorkbench()
    const server = await keeping()
    await connect(page, server.port)

    await choose(page, 'Line ending', 'CR LF')
    await message(page).fill('A\\r\\n\\x00\\xff')
    await expect.poll(() => composer(page).getByText('41 0D 0A 00 FF').count()).toBe(1)
    await page.keyboard.press('Control+Enter')
    await expect.poll(server.hex).toBe('410d0a00ff0d0a')

    // A wrong escape is named where it stands, and Send does nothing.
    server.forget()
    await message(page).fill('ab\\q')
    const alert = composer(page).getByRole('alert')
    await expect.poll(() => alert.innerText()).toMatch(/\\q is no escape[\s\S]*at 3/)
    expect(await send(page).isDisabled()).toBe(true)
    await page.keyboard.press('Control+Enter')

    await message(page).fill('한글')
    await choose(page, 'Encoding', 'EUC-KR (CP949)')
    await send(page).click()
    await expect.poll(server.hex).toBe('c7d1b1db0d0a')
    await message(page).fill('ab😀')
    await expect.poll(() => alert.innerText()).toMatch(/EUC-KR \(CP949\) cannot write “😀”[\s\S]*at 3/)
    expect(await send(page).isDisabled()).toBe(true)

    server.forget()
    await message(page).fill('n={{counter}}')
    await expect.poll(() => composer(page).getByText('at sending').count()).toBe(1)
    await send(page).click()
    await send(page).click()
    await expect.poll(server.text).toBe('n=1\r\nn=2\r\n')

    // A file, as it is, with its progress.
    server.forget()
    const path = join(captures, 'large.bin')
    writeFileSync(path, Buffer.alloc(9 * 1024 * 1024, 7))
    await composer(page).getByRole('button', { name: 'File', exact: true }).click()
    await page.locator('[data-file-input]').setInputFiles(path)
    await send(page).click()
    await expect.poll(server.length).toBe(9 * 1024 * 1024)
    await composer(page)
      .getByText(/^Sent, 9(\.0*)?\sMiB$/)
      .waitFor()
    expect(complaints).toEqual([])
  })

  it('saves messages under keys, repeats one and stops it, and sends a selected event again, by keyboard', async () => {
    const { page, complaints } = await openServedWorkbench()
    const server = await keeping()
    await connect(page, server.port)
    await message(page).fill('PING one;')
    await composer(page).getByRole('button', { name: 'Save this message' }).click()
    await page.getByLabel('Name', { exact: true }).fill('ping')
    await page.keyboard.press('Enter')
    await composer(page).getByRole('button', { name: /ping$/ }).waitFor()

    // What is in the composer is another text now.
    await message(page).fill('something else')
    await page.keyboard.press('Escape')
    await page.keyboard.press('1')
    await expect.poll(server.text).toBe('PING one;')
    // It is kept: a page that comes later has it.
    await page.reload()
    await composerReady(page)
    await composer(page).getByRole('button', { name: /ping$/ }).waitFor()

    server.forget()
    await message(page).fill('n{{counter}};')
    await composer(page).getByRole('button', { name: 'Repeat', exact: true }).click()
    await page.getByLabel('Every, ms').fill('20')
    await page.keyboard.press('Enter')
    const chip = composer(page).getByRole('button', { name: /Stop repeating$/ })
    await chip.waitFor()
    await expect.poll(server.text).toContain('n1;n2;n3;n4;n5;')
    expect(await faults(page)).toEqual([])
    await chip.click()
    await composer(page).getByRole('button', { name: 'Repeat', exact: true }).waitFor()

    // One of what was repeated; which one tells the row that is selected then, for rows may still come.
    const rows = page.getByRole('grid', { name: 'Events' }).getByRole('row')
    await rows
      .filter({ hasText: /data-sent.*n\d+;/s })
      .last()
      .click()
    const selected = rows.and(page.locator('[aria-selected=true]'))
    await expect.poll(() => selected.count()).toBe(1)
    const sent = /n\d+;/.exec(await selected.innerText())?.[0]
    expect(sent).toBeDefined()
    server.forget()
    await page.keyboard.press('x')
    await expect.poll(server.text).toBe(sent)
    await page.keyboard.press('t')
    await page.getByRole('menuitem').last().press('Enter')
    await expect.poll(() => message(page).inputValue()).toBe(sent)
    expect(complaints).toEqual([])
  })
})

describeInChromium('The library', () => {
  it('runs a sequence step by step, shows the step that fails, and takes the workspace out and in again', async () => {
    const { page, complaints } = await openServedWorkbench()
    const server = await keeping()
    await connect(page, server.port)
    await page.keyboard.press('Escape')
    await page.keyboard.press('v')
    const sheet = page.getByRole('dialog', { name: 'Library' })
    await sheet.getByRole('tab', { name: 'Sequences' }).click()
    await sheet.getByRole('button', { name: 'New sequence' }).click()
    const steps = sheet.getByRole('listitem')
    await steps.nth(0).getByRole('textbox', { name: 'Message' }).fill('AUTH wrong')
    await steps.nth(1).getByRole('textbox', { name: 'Pattern' }).fill('+OK')
    await steps.nth(1).getByRole('textbox', { name: 'Within, ms' }).fill('2000')
    await sheet.getByRole('button', { name: 'Run' }).click()
    await expect
      .poll(() => steps.nth(1).innerText())
      .toMatch(/failed[\s\S]*“\+OK” did not come within 2000 ms[\s\S]*-WRONGPASS/)
    await sheet
      .getByRole('status')
      .filter({ hasText: /^Failed/ })
      .waitFor()
    expect(await faults(page)).toEqual([])

    await steps.nth(0).getByRole('textbox', { name: 'Message' }).fill('AUTH secret')
    await steps.nth(1).getByRole('textbox', { name: 'Within, ms' }).fill('20000')
    for (const kind of ['Send', 'Wait for', 'Close']) {
      await sheet.getByRole('button', { name: 'Add step' }).click()
      await page.getByRole('menuitem', { name: kind }).click()
    }
    await steps.nth(2).getByRole('textbox', { name: 'Message' }).fill('GET n')
    await steps.nth(3).getByRole('textbox', { name: 'Pattern' }).fill('42')
    await sheet.getByRole('button', { name: 'Run' }).click()
    await sheet
      .getByRole('status')
      .filter({ hasText: /^Passed/ })
      .waitFor()
    expect(server.text()).toBe('AUTH wrong\r\nAUTH secret\r\nGET n\r\n')

    // Out, and in again: the same document.
    await sheet.getByRole('tab', { name: 'Import, export' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      sheet.locator('[data-export=workspace]').click(),
    ])
    const exported = join(await testFolder(), 'workspace.json')
    await download.saveAs(exported)
    const document = JSON.parse(readFileSync(exported, 'utf8'))
    expect(document.sequences[0].steps.map(({ kind }: { kind: string }) => kind)).toEqual([
      'send',
      'expect',
      'send',
      'expect',
      'close',
    ])
    document.sequences[0].name = 'renamed'
    writeFileSync(exported, JSON.stringify(document))
    await sheet.locator('[data-import=workspace]').setInputFiles(exported)
    await sheet.getByText('Imported: 0 messages, 1 sequences').waitFor()

    const packets = join(await testFolder(), 'packets.json')
    writeFileSync(
      packets,
      JSON.stringify([{ name: 'hello', hexstring: '68 69', tcporudp: 'TCP', toip: 'x', port: '7' }]),
    )
    await sheet.locator('[data-import=packets]').setInputFiles(packets)
    await sheet.getByText('Imported: 1 messages').waitFor()
    await sheet.getByRole('tab', { name: 'Sequences' }).click()
    await sheet.getByText('renamed').waitFor()
    await sheet.getByRole('tab', { name: 'Messages' }).click()
    await sheet.getByText('Packet Sender', { exact: true }).waitFor()
    expect(await faults(page)).toEqual([])
    expect(complaints).toEqual([])
  })
})
