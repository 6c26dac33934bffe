// Rules and scripts as a person edits them while connections are open, by keyboard: what is wrong is told at its place, a rule
// is tried, applied and felt, moved and taken away; a script fails on its line and is mended. Counterparts: renderer/replies,
// main/engine/endpoints/behaviours, main/scripts.
import { connect as netConnect, type Socket } from 'node:net'
import { AxeBuilder } from '@axe-core/playwright'
import type { Locator, Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { boundPort, eventGrid, inspectorFacts, openServedWorkbench } from './support/served-workbench.ts'

const patient = { timeout: 20_000, interval: 20 }

const connectTo = async (port: number) => {
  const socket: Socket = netConnect({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => socket.destroy())
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk
  })
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  return { send: (data: string) => socket.write(data, 'latin1'), received: () => text }
}

const sheetOf = (page: Page): Locator => page.getByRole('dialog')
const rulesIn = (page: Page): Locator => sheetOf(page).getByRole('listitem')
const status = (page: Page, text: string) => sheetOf(page).getByRole('status').filter({ hasText: text }).waitFor()
const patternsOf = (page: Page): Promise<string[]> =>
  rulesIn(page)
    .getByLabel('Pattern', { exact: true })
    .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value))

const choose = async (page: Page, label: string, option: RegExp, within: Locator = sheetOf(page)) => {
  await within.getByRole('combobox', { name: label }).press('Enter')
  await page.getByRole('option', { name: option }).press('Enter')
}
const seriousFaults = async (page: Page): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page }).include('[role=dialog]').analyze()
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id)
}

/** A listener on a free port, and its sheet of replies. */
const openReplies = async (page: Page): Promise<number> => {
  await page.getByRole('button', { name: 'New listener' }).first().click()
  await sheetOf(page).getByLabel('Name', { exact: true }).fill('rules')
  await sheetOf(page).getByLabel('Port', { exact: true }).fill('0')
  await page.keyboard.press('Enter')
  await sheetOf(page).waitFor({ state: 'hidden' })
  const port = await boundPort(page, 'rules')
  await page.getByRole('button', { name: 'Replies', exact: true }).press('Enter')
  await sheetOf(page).waitFor()
  return port
}

describeInChromium('Replies', () => {
  it('are rules that are tried, applied to open connections, moved and switched, by keyboard', async () => {
    const { page, complaints } = await openServedWorkbench()
    const port = await openReplies(page)
    const peer = await connectTo(port)
    peer.send('GET a\n')
    await expect.poll(peer.received, patient).toBe('GET a\n')

    await choose(page, 'Where a message ends', /^line/)
    await sheetOf(page).getByRole('button', { name: 'Add rule' }).press('Enter')
    // The new rule's pattern has the focus.
    await page.keyboard.type('GET (\\w+')
    await choose(page, 'How the pattern is meant', /matches regex/, rulesIn(page))
    await sheetOf(page).getByRole('alert').filter({ hasText: 'Unterminated group' }).waitFor()
    expect(
      await sheetOf(page)
        .getByRole('button', { name: /^Apply/ })
        .getAttribute('aria-disabled'),
    ).toBe('true')
    await rulesIn(page).getByLabel('Pattern', { exact: true }).fill('GET (\\w+)')
    await rulesIn(page).getByLabel('Reply', { exact: true }).fill('VAL $2\\n')
    await sheetOf(page).getByRole('alert').filter({ hasText: 'the pattern has 1' }).waitFor()
    await rulesIn(page).getByLabel('Reply', { exact: true }).fill('VAL $1\\n')
    await sheetOf(page).getByLabel('A message to try').fill('GET apple')
    await status(page, 'Rule 1 answers')
    await rulesIn(page).getByText('VAL apple\\n').waitFor()
    expect(await seriousFaults(page)).toEqual([])
    await page.keyboard.press('Control+Enter')
    await status(page, 'Applied: it holds')
    peer.send('GET b\n')
    await expect.poll(peer.received, patient).toBe('GET a\nVAL b\n')

    // A second rule, moved before the first by its grip.
    await sheetOf(page).getByRole('button', { name: 'Add rule' }).press('Enter')
    await page.keyboard.type('GET c')
    await rulesIn(page).nth(1).getByLabel('Reply', { exact: true }).fill('SEE\\n')
    await sheetOf(page)
      .getByRole('button', { name: /^Move Rule 2/ })
      .press('Alt+ArrowUp')
    await expect.poll(() => patternsOf(page), patient).toEqual(['GET c', 'GET (\\w+)'])
    await page.keyboard.press('Control+Enter')
    await status(page, 'Applied: it holds')
    peer.send('GET c\nGET d\n')
    await expect.poll(peer.received, patient).toBe('GET a\nVAL b\nSEE\nVAL d\n')
    // Taken away, brought back, switched off.
    await sheetOf(page)
      .getByRole('button', { name: /^Move Rule 1/ })
      .press('Delete')
    await expect.poll(() => patternsOf(page), patient).toEqual(['GET (\\w+)'])
    await sheetOf(page).getByRole('button', { name: 'Undo' }).press('Enter')
    await expect.poll(() => patternsOf(page), patient).toEqual(['GET c', 'GET (\\w+)'])
    await page.keyboard.press('Space')
    // What is not applied is told before it is lost.
    await page.keyboard.press('Escape')
    await status(page, 'Not applied yet')
    await page.keyboard.press('Control+Enter')
    await status(page, 'Applied: it holds')
    peer.send('GET c\n')
    await expect.poll(peer.received, patient).toBe('GET a\nVAL b\nSEE\nVAL d\nVAL c\n')
    await page.keyboard.press('Escape')
    await sheetOf(page).waitFor({ state: 'hidden' })

    // The event of a match leads to the chunk that held the message.
    await eventGrid(page).getByRole('row').filter({ hasText: 'rule-matched' }).last().click()
    await expect.poll(async () => (await inspectorFacts(page))['What'], patient).toMatch(/^rule \d$/)
    const chunk = (await inspectorFacts(page))['Message at']
    await page.getByRole('button', { name: chunk!, exact: true }).press('Enter')
    await page.getByRole('heading', { name: /data-received/ }).waitFor()
    expect(complaints).toEqual([])
  })

  it('are a script from an example, whose failure is told on its line and which is mended while the peer stays', async () => {
    const { page, complaints } = await openServedWorkbench(720)
    const port = await openReplies(page)
    await sheetOf(page).getByRole('button', { name: 'Script', exact: true }).press('Enter')
    await choose(page, 'Start from an example', /^Capital letters/)
    const editor = sheetOf(page).getByRole('textbox', { name: 'Script' })
    await editor.waitFor()
    expect(await seriousFaults(page)).toEqual([])
    // From within the sheet: the list that was chosen from may still be closing.
    await editor.press('Control+Enter')
    await status(page, 'Applied: it holds')
    const peer = await connectTo(port)
    peer.send('hello')
    await expect.poll(peer.received, patient).toBe('HELLO')

    const write = async (text: string) => {
      await editor.click()
      await page.keyboard.press('Control+A')
      await page.keyboard.insertText(text)
      // Applied is what the editor has taken in, and the sheet from it.
      await sheetOf(page).getByRole('button', { name: 'Cancel' }).waitFor()
      await expect.poll(() => editor.innerText(), patient).toContain(text.trim().split('\n').at(-2)!.trim())
    }
    await write('export default class {\n  dataReceived() {\n    throw new Error("not today")\n  }\n}\n')
    await page.keyboard.press('Control+Enter')
    await status(page, 'Applied: it holds')
    peer.send('again')
    await sheetOf(page).getByRole('alert').filter({ hasText: 'Line 3: Error: not today' }).waitFor()
    await write(
      'export default class {\n  connectionMade(t) { this.t = t }\n  dataReceived(data) { this.t.write("<" + data + ">") }\n}\n',
    )
    await page.keyboard.press('Control+Enter')
    await status(page, 'Applied: it holds')
    await sheetOf(page).getByRole('alert').waitFor({ state: 'hidden' })
    peer.send('better')
    await expect.poll(peer.received, patient).toBe('HELLO<better>')
    // Escape leaves the editor, then closes the sheet.
    await editor.focus()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await sheetOf(page).waitFor({ state: 'hidden' })
    await eventGrid(page).getByRole('row').filter({ hasText: 'script-failed' }).first().waitFor()
    expect(complaints).toEqual([])
  })
})
