// Driving a page by keys alone, as fast as it follows. Counterpart: served-workbench.ts (the page).
import type { Locator, Page } from 'playwright-core'

export const isFocused = async (page: Page, target: Locator): Promise<boolean> =>
  (await target.and(page.locator(':focus')).count()) === 1

/** Waits until what a key has done is drawn. */
export const frames = (page: Page): Promise<void> =>
  page.evaluate(
    () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  )

/** Presses a key again and again until the focus is there; fails after far more than there is on the screen. */
export const pressTo = async (page: Page, key: string, target: Locator): Promise<void> => {
  for (let presses = 0; presses < 80; presses++) {
    if (await isFocused(page, target)) return
    await page.keyboard.press(key)
    // The focus may follow a frame later: asked before that, the place that it is about to leave would be taken for it.
    await frames(page)
  }
  const focused = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))
  throw new Error(`${key} does not lead to ${target}; the focus is on ${focused}`)
}
