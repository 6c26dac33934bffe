// The sheet about capture files in real Chromium, on real files: what is recorded is copied, checked, opened, left and deleted
// by mouse and by keyboard; a folder that takes no file is told of, and what is in a file's name stays text.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { makeCapture } from '../bench/support/make-capture.ts'
import { runWireloop, wireloop } from '../support/command-line.ts'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { pingPong } from '../support/ping-pong.ts'
import { boundPort, openServedWorkbench, rowsWith, tableRows, testFolder } from './support/served-workbench.ts'

/** The machine may be busy with other things than this test. */
const becomes = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 20_000 })

const startEcho = async (page: Page): Promise<number> => {
  await page.getByRole('textbox', { name: 'Listening address' }).fill('127.0.0.1:0')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  return boundPort(page, 'Echo')
}

const openSheet = async (page: Page): Promise<Locator> => {
  await page.keyboard.press('Control+o')
  const sheet = page.getByRole('dialog', { name: 'Captures' })
  await sheet.waitFor()
  return sheet
}

const files = (sheet: Locator): Locator => sheet.getByRole('list', { name: 'Recent captures' }).locator('> li')

/** A small capture in the host's folder. */
const addCapture = (folder: string, name: string): string => {
  const path = join(folder, `${name}.wireloop`)
  makeCapture(path, { events: 2000, payloadBytes: 64, connections: 4, needleEvery: 0 })
  return path
}

const chooseAction = async (page: Page, row: Locator, action: string) => {
  await row.getByRole('button', { name: /^Actions/ }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

const violations = async (page: Page): Promise<string[]> =>
  (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)

describeInChromium('The captures sheet', () => {
  it('tells of the recording, copies it as it goes on, checks the copy, opens it, and goes back', async () => {
    const { page, captures, complaints } = await openServedWorkbench(2000)
    const port = await startEcho(page)
    await pingPong(port, { connections: 1, messages: 3, size: 20 })
    const before = await rowsWith(page, (rows) => rows.some(({ kind }) => kind === 'connection-lost'))

    const sheet = await openSheet(page)
    const now = sheet.getByRole('region', { name: 'Recording now' })
    await becomes(() => now.innerText()).toMatch(/\.wireloop .*\n.*Size\s.* of 4\.0.GiB/s)
    expect(await now.innerText()).toContain(captures)
    await becomes(() => now.innerText()).toMatch(new RegExp(`Events\\s+${before.length}\\b`))

    await now.getByRole('button', { name: 'Actions for the recording' }).click()
    await page.getByRole('menuitem', { name: 'Save as' }).click()
    const name = sheet.getByLabel('Name of the copy')
    await name.fill('../kept')
    await page.keyboard.press('Enter')
    await sheet.getByText(/Write a file name without/).waitFor()
    await name.fill('kept')
    await page.keyboard.press('Enter')
    await sheet.getByText(/^Saved as kept, /).waitFor()
    expect(existsSync(join(captures, 'kept.wireloop'))).toBe(true)

    // What comes after the copy is not in it.
    await pingPong(port, { connections: 1, messages: 3, size: 20 })
    const row = files(sheet)
    await becomes(() => row.count()).toBe(1)
    expect(await row.innerText()).toMatch(new RegExp(`^kept\\n[\\s\\S]*\\n${before.length} events\\n`))
    await chooseAction(page, row, 'Check')
    await sheet.getByText(`Whole: all ${before.length} events, in `).waitFor()

    await row.getByRole('button', { name: 'Open kept' }).click()
    await sheet.waitFor({ state: 'hidden' })
    await page.getByRole('region', { name: 'Opened capture' }).getByText('kept.wireloop').waitFor()
    expect(await rowsWith(page, (rows) => rows.length === before.length)).toEqual(before)
    expect(await page.getByRole('textbox', { name: 'Message' }).count()).toBe(0)

    await openSheet(page)
    expect(await row.getAttribute('aria-current')).toBe('true')
    await row.getByRole('button', { name: 'Back to live' }).click()
    await page.getByRole('region', { name: 'Opened capture' }).waitFor({ state: 'detached' })
    await rowsWith(page, (rows) => rows.length > before.length)
    expect(complaints).toEqual([])
  })

  it('sets limits that are checked where they are typed, and are in force at once', async () => {
    const { page } = await openServedWorkbench()
    await startEcho(page)
    const sheet = await openSheet(page)
    const size = sheet.getByLabel('File, at most')
    await becomes(() => size.inputValue()).toBe('4')
    const apply = sheet.getByRole('button', { name: 'Apply' })
    expect(await apply.isDisabled()).toBe(true)
    await size.fill('0.001')
    await sheet.getByLabel('Events, for days').fill('soon')
    await sheet.getByLabel('Of each payload, bytes').fill('-1')
    await apply.click()
    await becomes(() => sheet.getByRole('alert').allInnerTexts()).toHaveLength(3)
    await becomes(() => size.evaluate((field) => field === document.activeElement)).toBe(true)
    await sheet.getByRole('button', { name: 'Revert' }).click()
    expect(await sheet.getByRole('alert').count()).toBe(0)

    await size.fill('64')
    await sheet.getByRole('combobox', { name: 'Unit of the size' }).click()
    await page.getByRole('option', { name: 'MiB' }).click()
    await sheet.getByLabel('Events, for days').fill('0.5')
    await page.keyboard.press('Enter')
    await sheet.getByText('Applied', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'hidden' })
    await openSheet(page)
    await becomes(() => size.inputValue()).toBe('64')
    expect(await sheet.getByLabel('Events, for days').inputValue()).toBe('0.5')
    expect(await sheet.getByRole('region', { name: 'Recording now' }).innerText()).toMatch(/ of 64.MiB/)
  })

  it('deletes a file by keyboard alone, and only when asked twice', async () => {
    const { page, captures } = await openServedWorkbench()
    const path = addCapture(captures, 'old')
    const sheet = await openSheet(page)
    await becomes(() => files(sheet).count()).toBe(1)
    const menu = sheet.getByRole('button', { name: 'Actions for old' })
    const ask = async () => {
      await menu.focus()
      await page.keyboard.press('Enter')
      await page.getByRole('menuitem', { name: 'Delete' }).waitFor()
      await page.keyboard.press('End')
      await page.keyboard.press('Enter')
      await sheet.getByText(/^Delete old for good\? Its 2.\d{3} events/).waitFor()
    }
    await ask()
    // Enter is the way back.
    await becomes(() =>
      sheet.getByRole('button', { name: 'Cancel' }).evaluate((button) => button === document.activeElement),
    ).toBe(true)
    await page.keyboard.press('Enter')
    await becomes(() => menu.evaluate((button) => button === document.activeElement)).toBe(true)
    expect(existsSync(path)).toBe(true)
    await ask()
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await sheet.getByText('old was deleted').waitFor()
    await becomes(() => files(sheet).count()).toBe(0)
    expect(existsSync(path)).toBe(false)
    expect(await sheet.evaluate((dialog) => dialog.contains(document.activeElement))).toBe(true)
  })

  it('opens a damaged file as far as it is whole and says what is wrong, and shows a name as text whatever is in it', async () => {
    const { page, captures, complaints } = await openServedWorkbench()
    const path = addCapture(captures, 'hurt')
    const bytes = readFileSync(path)
    // A page of the last segment's payload, well behind the tables.
    bytes.fill(0xa5, bytes.length - 40_000, bytes.length - 39_000)
    const name = '<img src=x onerror=alert(1)>‮'
    const renamed = join(captures, `${name}.wireloop`)
    renameSync(path, renamed)
    writeFileSync(renamed, bytes)
    writeFileSync(join(captures, 'letter.wireloop'), 'Dear Sir or Madam')
    const sheet = await openSheet(page)
    const row = files(sheet)
    await becomes(() => row.count()).toBe(1)
    expect(await row.locator('strong').textContent()).toBe(name)
    expect(await sheet.locator('img').count()).toBe(0)
    await chooseAction(page, row, 'Check')
    await becomes(() => row.innerText()).toMatch(/\d+ problems?; .* events can be read\.\n[\s\S]*cannot be read/)
    await row.getByRole('button', { name: /^Open/ }).click()
    await sheet.waitFor({ state: 'hidden' })
    await becomes(async () => (await tableRows(page)).length).toBeGreaterThan(3)
    expect(complaints).toEqual([])
  })

  it('says so while a folder takes no file, keeps the events in memory, and writes them once it does', async () => {
    const { page, captures } = await openServedWorkbench(2000)
    rmSync(captures, { recursive: true })
    writeFileSync(captures, 'in the way')
    const port = await startEcho(page)
    const banner = page.getByRole('alert').filter({ hasText: 'Recording to memory only' })
    await banner.waitFor()
    await pingPong(port, { connections: 1, messages: 2, size: 20 })
    const rows = await rowsWith(page, (all) => all.some(({ kind }) => kind === 'connection-lost'))

    await banner.getByRole('button', { name: 'Captures' }).click()
    const sheet = page.getByRole('dialog', { name: 'Captures' })
    const now = sheet.getByRole('region', { name: 'Recording now' })
    await becomes(() => now.innerText()).toMatch(/In memory only[\s\S]*events wait in memory for the file/)

    rmSync(captures)
    await becomes(() => banner.count()).toBe(0)
    await becomes(() => now.innerText()).toMatch(new RegExp(`Events\\s+${rows.length}\\b`))
    expect(readdirSync(captures).filter((name) => name.endsWith('.wireloop'))).toHaveLength(1)
  })

  it('meets axe in dark and light on a small laptop, and nothing in it is cut', async () => {
    const { page, captures } = await openServedWorkbench()
    await page.setViewportSize({ width: 1280, height: 720 })
    addCapture(
      captures,
      'one with a name that is so long that there is no room for all of it in the one line that it has',
    )
    addCapture(captures, 'two')
    await startEcho(page)
    const sheet = await openSheet(page)
    await becomes(() => files(sheet).count()).toBe(2)
    await chooseAction(page, files(sheet).nth(1), 'Delete')
    await sheet.getByLabel('Events, for days').fill('soon')
    await sheet.getByRole('button', { name: 'Apply' }).click()
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await becomes(() => page.locator('html').getAttribute('data-theme')).toBe(colorScheme)
      await becomes(() => violations(page)).toEqual([])
    }
    expect(await sheet.evaluate((box) => box.scrollWidth <= box.clientWidth)).toBe(true)
    for (const row of await files(sheet).all())
      expect(await row.evaluate((box) => box.scrollWidth <= box.clientWidth)).toBe(true)
  })
})

describeInChromium('wireloop open', () => {
  it('shows the events of a file that the command line has recorded, and leaves the file as it is', async () => {
    const file = join(await testFolder(), 'recorded.wireloop')
    const listener = wireloop(['listen', '0', '--json', '--reply', 'echo-close', '--count', '1', '--capture', file])
    const client = await runWireloop(['connect', `127.0.0.1:${await listener.port()}`, '--send', 'Hello World!'])
    expect(client.code).toBe(0)
    expect((await listener.ended).code).toBe(0)
    const { mtimeMs, size } = statSync(file)
    const { page, captures, complaints, stop } = await openServedWorkbench(900, file)
    await page.getByRole('region', { name: 'Opened capture' }).getByText('recorded.wireloop').waitFor()
    const rows = await rowsWith(page, (all) => all.length === listener.lines().length)
    expect(rows.map(({ seq, kind }) => [seq, kind])).toEqual(listener.lines().map(({ seq, kind }) => [seq, kind]))
    expect(rows.filter(({ kind }) => kind.startsWith('data-')).map(({ payload }) => payload)).toEqual([
      'Hello World!',
      'Hello World!',
    ])
    await page.getByRole('button', { name: 'Back to live' }).click()
    await page.getByRole('textbox', { name: 'Listening address' }).waitFor()
    expect(complaints).toEqual([])
    await stop()
    expect(statSync(file)).toMatchObject({ mtimeMs, size })
    expect(readdirSync(captures)).toEqual([])
  })
})
