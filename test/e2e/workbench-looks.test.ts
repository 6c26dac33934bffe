// What a person sees at other widths and in other colours than the designer's: nothing cut, nothing over something else, every
// control with an edge, and the same thing drawn and named the same way in every pane.
import { createServer } from 'node:net'
import type { Locator, Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { boundPort, composerReady, eventGrid, inspectorFacts, openServedWorkbench } from './support/served-workbench.ts'

/** True where all of what an element holds is inside it, as it is laid out. */
const isWhole = (element: Locator): Promise<boolean> => element.evaluate((box) => box.scrollWidth <= box.clientWidth)

/** The visible children of the title bar that lie over one another, by their texts. */
const overlapping = (page: Page): Promise<string[]> =>
  page
    .getByRole('banner')
    .locator('> *')
    .evaluateAll((parts) => {
      const boxes = parts
        .map((part) => ({ text: part.textContent ?? '', box: part.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 1)
      return boxes.flatMap(({ text, box }, i) =>
        boxes.slice(i + 1).some((other) => other.box.left < box.right - 1 && other.box.right > box.left + 1)
          ? [text]
          : [],
      )
    })

const startListener = async (page: Page): Promise<number> => {
  await page.getByRole('textbox', { name: 'Listening address' }).fill('127.0.0.1:0')
  await page.keyboard.press('Enter')
  return boundPort(page, 'Echo')
}

const connect = async (page: Page, port: number): Promise<void> => {
  await page.getByRole('button', { name: 'New client' }).first().click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Host', { exact: true }).fill('127.0.0.1')
  await sheet.getByLabel('Port', { exact: true }).fill(String(port))
  await sheet.getByRole('button', { name: 'Connect', exact: true }).click()
  await sheet.waitFor({ state: 'hidden' })
}

describeInChromium('The workbench, looked at closely', () => {
  it('shows all of the first screen on a small laptop, and both addresses of its relay in a narrow window', async () => {
    const { page } = await openServedWorkbench()
    await page.setViewportSize({ width: 1280, height: 720 })
    const strip = page.getByRole('region', { name: 'The loop so far' })
    await expect
      .poll(async () => {
        const box = await strip.boundingBox()
        return box === null ? null : Math.round(box.y + box.height)
      })
      .toBe(720)
    await page.setViewportSize({ width: 900, height: 800 })
    for (const name of ['Relay listens on', 'Relay forwards to'])
      await expect.poll(() => isWhole(page.getByRole('textbox', { name }))).toBe(true)
  })

  it('keeps the parts of the title bar apart, and the words in the pills whole', async () => {
    const { page } = await openServedWorkbench()
    for (const width of [1440, 1280, 1100, 900, 720]) {
      await page.setViewportSize({ width, height: 800 })
      await expect.poll(() => overlapping(page), { message: `${width} px` }).toEqual([])
      const kept = page.getByRole('status').filter({ hasText: /events? kept/ })
      await expect.poll(() => isWhole(kept), { message: `${width} px` }).toBe(true)
    }
  })

  it('leaves the payload room beside the inspector on a small laptop', async () => {
    const { page } = await openServedWorkbench()
    await page.setViewportSize({ width: 1280, height: 720 })
    await connect(page, await startListener(page))
    await composerReady(page)
    await page.getByRole('textbox', { name: 'Message' }).fill('Hello World!')
    await page.getByRole('button', { name: 'Send' }).click()
    const payload = eventGrid(page).getByRole('gridcell', { name: 'Hello World!' }).first()
    await payload.waitFor()
    expect(await isWhole(payload)).toBe(true)
  })

  it('gives fields and the chosen entry of a menu an edge in forced colours', async () => {
    const { page } = await openServedWorkbench()
    await connect(page, await startListener(page))
    await page.emulateMedia({ forcedColors: 'active' })
    const edge = (element: Locator) => element.evaluate((box) => getComputedStyle(box).outlineStyle)
    await page.keyboard.press('l')
    const sheet = page.getByRole('dialog')
    for (const label of ['Name', 'Host', 'Port'])
      expect(await edge(sheet.getByLabel(label, { exact: true }))).toBe('solid')
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Close the connection' }).click()
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => edge(page.locator('[role=menuitem][data-highlighted]'))).toBe('solid')
  })

  it('draws a failed listener with one mark everywhere, and does not call it bound', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void holder.close())
    const taken = holder.address()
    const { page } = await openServedWorkbench()
    await page
      .getByRole('textbox', { name: 'Listening address' })
      .fill(`127.0.0.1:${typeof taken === 'object' ? taken?.port : ''}`)
    await page.keyboard.press('Enter')
    await expect.poll(() => inspectorFacts(page)).toMatchObject({ Reason: expect.stringContaining('EADDRINUSE') })
    const facts = await inspectorFacts(page)
    expect(Object.keys(facts)).toContain('Address')
    expect(Object.keys(facts)).not.toContain('Bound to')
    const drawing = (place: Locator) => place.locator('svg').first().innerHTML()
    expect(await drawing(page.getByRole('complementary', { name: 'Inspector' }))).toBe(
      await drawing(page.getByRole('treegrid').getByRole('row', { name: /Echo/ })),
    )
  })

  it('sends nothing while nobody is there to send it, and keeps what was typed', async () => {
    const { page, stop } = await openServedWorkbench()
    await connect(page, await startListener(page))
    await composerReady(page)
    await page.getByRole('textbox', { name: 'Message' }).fill('still here')
    const send = page.getByRole('button', { name: 'Send' })
    await expect.poll(() => send.isEnabled()).toBe(true)
    await stop()
    await expect.poll(() => send.isEnabled()).toBe(false)
    expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('still here')
  })
})
