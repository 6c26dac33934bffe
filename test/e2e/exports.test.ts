// Exports, imports, replays and copy-as in real Chromium: by keyboard, on real traffic; what is downloaded is read by tshark.
// Counterparts: renderer/export; test/export has the formats themselves.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { exportOf, madeAs, memorySource } from '../export/support/memory-source.ts'
import { packetsOf, streamOf } from '../export/support/tshark.ts'
import { data, lost } from '../renderer/support/batches.ts'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { missing } from '../support/peers.ts'
import { pingPong, pingPongMessage } from '../support/ping-pong.ts'
import { boundPort, eventGrid, openServedWorkbench, rowsWith, testFolder } from './support/served-workbench.ts'

const becomes = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 20_000 })

/** Without the browser's own dialog, which no test can answer, the export becomes a download. */
const withoutPicker = (page: Page) => page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))

const start = async () => {
  const served = await openServedWorkbench(1400)
  const { page, url } = served
  await withoutPicker(page)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(url)
  await page.getByRole('textbox', { name: 'Listening address' }).fill('127.0.0.1:0')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  const port = await boundPort(page, 'Echo')
  await pingPong(port, { connections: 2, messages: 3, size: 20 })
  await rowsWith(page, (rows) => rows.filter(({ kind }) => kind === 'connection-lost').length === 2)
  return { ...served, port }
}

const violations = async (page: Page): Promise<string[]> =>
  (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)

/** Submits the export sheet and answers the path of what was downloaded. */
const download = async (page: Page, sheet: Locator, folder: string): Promise<string> => {
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    sheet.getByRole('button', { name: /^Export\b/ }).click(),
  ])
  const path = join(folder, saved.suggestedFilename())
  await saved.saveAs(path)
  return path
}

const clipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText())

describeInChromium('Taking things elsewhere', () => {
  it('exports packets of everything and the bytes of what is selected, by keyboard', async () => {
    const { page, complaints } = await start()
    const folder = await testFolder()

    await page.keyboard.press('Control+e')
    const sheet = page.getByRole('dialog', { name: 'Export' })
    await sheet.waitFor()
    // Enter exports, wherever the focus begins.
    const [saved] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
    const packets = join(folder, saved.suggestedFilename())
    await saved.saveAs(packets)
    expect(packets).toMatch(/\.pcapng$/)
    await sheet.getByText(/^Exported to wireloop /).waitFor()
    await becomes(() => sheet.innerText()).toMatch(/Connections\s+2\b/)
    expect(await sheet.innerText()).toMatch(/Not in the capture\s+nothing/)
    expect(await violations(page)).toEqual([])
    if (!missing('tshark')) {
      const found = await packetsOf(packets)
      expect(found.warnings).toEqual([])
      const sent = [0, 1].map((stream) =>
        streamOf(found, stream, found.packets.find((each) => each.stream === stream)!.from),
      )
      const messages = [0, 1].map((c) => Buffer.concat([0, 1, 2].map((n) => pingPongMessage(c, n, 20))).toString('hex'))
      expect(sent.sort()).toEqual(messages.sort())
    }
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'hidden' })

    await eventGrid(page).getByRole('row').filter({ hasText: 'data-received' }).first().click()
    await page.keyboard.press('Control+e')
    await sheet.waitFor()
    await sheet.getByRole('button', { name: 'Bytes' }).click()
    await sheet.getByRole('button', { name: 'Received' }).click()
    const raw = readFileSync(await download(page, sheet, folder), 'utf8')
    expect(raw).toMatch(/^[01]:0;/)
    expect(raw).toHaveLength(60)
    expect(complaints).toEqual([])
  })

  it('imports packets as a capture, and replays a connection of it', async () => {
    const { page, complaints, port } = await start()
    const packets = join(await testFolder(), 'dump.pcapng')
    const server = { host: '127.0.0.1', port }
    const events = [
      madeAs(1, 1, 'out', { host: '127.0.0.1', port: 50_001 }, server),
      data(2, 1, 'sent', Buffer.from('question')),
      data(3, 1, 'received', Buffer.from('question')),
      lost(4, 1, 'closed-here'),
    ]
    writeFileSync(packets, (await exportOf(memorySource([{ events }]))).bytes)
    await page.keyboard.press('Control+o')
    const captures = page.getByRole('dialog', { name: 'Captures' })
    await captures.locator('[data-import-file]').setInputFiles(packets)
    const open = captures.getByRole('button', { name: 'Open dump.wireloop' })
    await open.waitFor()
    expect(await captures.innerText()).toMatch(/1 connection, 16.B, from 6 packets/)
    expect(await violations(page)).toEqual([])
    await open.click()
    await captures.waitFor({ state: 'hidden' })
    await rowsWith(page, (all) =>
      all
        .map(({ kind }) => kind)
        .join(' ')
        .startsWith('connection-started connection-made'),
    )

    await eventGrid(page).getByRole('row').filter({ hasText: 'connection-made' }).click()
    const inspector = page.getByRole('complementary', { name: 'Inspector' })
    await inspector.getByRole('button', { name: /^1\b/ }).first().click()
    await inspector.getByRole('button', { name: 'Replay to' }).click()
    const replay = page.getByRole('dialog', { name: 'Replay connection 1' })
    await replay.waitFor()
    await replay.getByRole('button', { name: 'Sent' }).click()
    await page.keyboard.press('Enter')
    await replay.getByText('All bytes were sent').waitFor()
    expect(await replay.innerText()).toMatch(/Answers\s+The same as recorded/)
    expect(await violations(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  it('copies an event’s bytes in a notation by two keys, and what is marked of them alone', async () => {
    const { page } = await start()
    await eventGrid(page).getByRole('row').filter({ hasText: 'data-received' }).first().click()
    const inspector = page.getByRole('complementary', { name: 'Inspector' })
    await inspector.getByRole('button', { name: 'Copy as', exact: true }).waitFor()
    await page.keyboard.press('y')
    await page.getByRole('menuitem', { name: /^Hex/ }).waitFor()
    await page.keyboard.press('h')
    await becomes(() => clipboard(page)).toMatch(/^3[01] 3A 30 3B 3[01] 3A( [0-9A-F]{2}){14}$/)

    await page.evaluate(() => {
      const hex = document.querySelector('.dump-hex')!
      const range = document.createRange()
      range.setStart(hex, 0)
      range.setEnd(hex.firstChild!.firstChild ?? hex.firstChild!, 8)
      document.getSelection()!.removeAllRanges()
      document.getSelection()!.addRange(range)
    })
    await page.keyboard.press('y')
    await page.getByText('Copy the marked 3').waitFor()
    await page.keyboard.press('p')
    await becomes(() => clipboard(page)).toMatch(/^b'[01]:0'$/)
  })
})
