// Bad input in the page: each mistake is told at its place, with what would be right, and nothing breaks or is lost.
// Counterparts: test/contract (the checks themselves), test/serve (what never gets to a page).
import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { connectClient } from './support/main-job.ts'
import {
  boundPort,
  composerReady,
  inspectorFacts,
  numberIn,
  openServedWorkbench,
  rowsWith,
} from './support/served-workbench.ts'

/** What is said about a field: the text that it names as its description. */
const saidOf = (field: Locator): Promise<string> =>
  field.evaluate((element) =>
    (element.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map((id) => document.getElementById(id)?.innerText ?? '')
      .join(' ')
      .trim(),
  )

const startEcho = async (page: Page): Promise<number> => {
  await page.getByRole('textbox', { name: 'Listening address' }).fill('127.0.0.1:0')
  await page.getByRole('button', { name: 'Start', exact: true }).click()
  return boundPort(page, 'Echo')
}

const connectToEcho = async (page: Page) => {
  await connectClient(page, await startEcho(page))
  await composerReady(page)
  return {
    message: page.getByRole('textbox', { name: 'Message' }),
    send: page.getByRole('button', { name: 'Send', exact: true }),
    composer: page.getByRole('region', { name: 'Composer' }),
  }
}

describeInChromium('Bad input', () => {
  it('on the first-run screen is told on its card, and the card starts once it is mended', async () => {
    const { page, complaints } = await openServedWorkbench()
    const address = page.getByRole('textbox', { name: 'Listening address' })
    for (const [text, said] of [
      ['127.0.0.1:70000', 'Port 70000 is not a whole number from 0 to 65535'],
      ['a b:8888', 'Host “a b” is not a name or an address; try 127.0.0.1, ::1 or localhost'],
      ['::1:8888', 'Write the IPv6 address in brackets: [::1]:8888'],
    ] as const) {
      await address.fill(text)
      await page.keyboard.press('Enter')
      await page.getByRole('alert').filter({ hasText: said }).waitFor()
      expect(await address.getAttribute('aria-invalid')).toBe('true')
    }
    await startEcho(page)
    expect(complaints).toEqual([])
  })

  it('in a sheet is told under its field, and what was typed elsewhere stays', async () => {
    const { page, complaints } = await openServedWorkbench()
    const echoPort = await startEcho(page)
    await page.getByRole('button', { name: 'New relay' }).first().click()
    const sheet = page.getByRole('dialog')
    const field = (name: string) => sheet.getByLabel(name, { exact: true })
    await field('Name').fill('mended')
    await field('Port').fill('70000')
    await field('Upstream host').fill('a b')
    await field('Upstream port').fill('0')
    await sheet.getByRole('button', { name: 'Start' }).click()
    await expect.poll(() => saidOf(field('Port'))).toContain('Port 70000 is not a whole number from 0 to 65535')
    expect(await saidOf(field('Upstream host'))).toContain('Host “a b” is not a name or an address')
    expect(await saidOf(field('Upstream port'))).toContain('use a port from 1 to 65535')
    for (const name of ['Port', 'Upstream host', 'Upstream port'])
      expect(await field(name).getAttribute('aria-invalid')).toBe('true')

    // A port that is taken is found out by the engine, and told at the same place.
    await field('Port').fill(String(echoPort))
    await field('Upstream host').fill('127.0.0.1')
    await field('Upstream port').fill(String(echoPort))
    await sheet.getByRole('button', { name: 'Start' }).click()
    await expect.poll(() => saidOf(field('Port'))).toContain(`Port ${echoPort} is taken by listener Echo`)

    await field('Port').fill('0')
    await sheet.getByRole('button', { name: 'Start' }).click()
    await sheet.waitFor({ state: 'hidden' })
    expect(await boundPort(page, 'mended')).not.toBe(echoPort)
    // Only the port that was taken got as far as the engine.
    const rows = await rowsWith(page, (all) => all.length === 3)
    expect(rows.map(({ kind }) => kind)).toEqual(['listener-started', 'listener-failed', 'listener-started'])
    expect(complaints).toEqual([])
  })

  it('in the composer is told with its place, and cannot be sent', async () => {
    const { page, complaints } = await openServedWorkbench()
    const { message, send, composer } = await connectToEcho(page)
    for (const [mode, text, said, at] of [
      ['Text', 'ab\\xZ1', '\\x takes two hex digits, not “Z1”; for example \\x0d', 'at 3'],
      ['Text', 'C:\\temp\\q', '\\q is no escape; use \\r \\n \\t \\0 \\xNN or \\\\', 'at 8'],
      ['Hex', '48 0g', '“0g” is not a pair of hex digits; write 0 as 00', 'at 4'],
      ['Hex', 'zz', '“z” is not a hex digit (0-9, a-f)', 'at 1'],
    ] as const) {
      await message.fill('')
      await composer.getByRole('button', { name: mode, exact: true }).click()
      await message.fill(text)
      const alert = composer.getByRole('alert').filter({ hasText: said })
      await alert.waitFor()
      expect(await alert.innerText()).toContain(at)
      expect(await send.isDisabled()).toBe(true)
      await message.press('Control+Enter')
    }
    await message.fill('48 65 6c 6c 6f')
    await send.click()
    const rows = await rowsWith(page, (all) => all.filter(({ payload }) => payload === 'Hello').length === 4)
    expect(rows.filter(({ kind }) => kind.startsWith('data-'))).toHaveLength(4)
    expect(complaints).toEqual([])
  })

  it('of 10 MB, pasted, is taken, sent and echoed to the last byte, and the page goes on', async () => {
    const { page, complaints } = await openServedWorkbench()
    const { message, send, composer } = await connectToEcho(page)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.evaluate(() => navigator.clipboard.writeText('0123456789'.repeat(1_000_000)))
    await message.click()
    await page.keyboard.press('Control+V')
    await expect.poll(() => composer.innerText(), { timeout: 20_000 }).toMatch(/10\s000\s000/)
    await send.click()

    const row = page.getByRole('treegrid').getByRole('row', { name: 'Connection 1', exact: true })
    await row.click()
    const bytes = async (fact: string) => numberIn(((await inspectorFacts(page))[fact] ?? '').split('B')[0] ?? '')
    await expect.poll(() => bytes('Received'), { timeout: 30_000 }).toBe(10_000_000)
    expect(await bytes('Sent')).toBe(10_000_000)

    await composer.getByRole('button', { name: 'Clear' }).click()
    await message.fill('still here')
    await send.click()
    await rowsWith(page, (all) => all.filter(({ payload }) => payload === 'still here').length >= 4)
    expect(complaints).toEqual([])
  })

  it('of more than a message takes is told, and cannot be sent', async () => {
    const { page, complaints } = await openServedWorkbench()
    const { message, send, composer } = await connectToEcho(page)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.evaluate(() => navigator.clipboard.writeText('x'.repeat(17_000_000)))
    await message.click()
    await page.keyboard.press('Control+V')
    await composer
      .getByRole('alert')
      .filter({ hasText: /17\s000\s000.* are more than/ })
      .waitFor()
    expect(await send.isDisabled()).toBe(true)
    await composer.getByRole('button', { name: 'Clear' }).click()
    await message.fill('short')
    await send.click()
    await rowsWith(page, (all) => all.filter(({ payload }) => payload === 'short').length === 4)
    expect(complaints).toEqual([])
  })
})
