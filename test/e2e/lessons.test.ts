// The Lessons screen on the built app, by keyboard alone: every lesson from its first step to its last, and one that is
// changed. Counterparts: test/lessons (what runs), renderer/lessons (what is seen).
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { lessons } from '../../main/engine/lessons/catalogue.ts'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { openServedWorkbench } from './support/served-workbench.ts'

const openLessons = async () => {
  const opened = await openServedWorkbench()
  const { page } = opened
  await page.getByRole('tab', { name: 'Lessons' }).waitFor()
  await page.keyboard.press('Control+3')
  await runShown(page, lessons[0]!.title)
  return opened
}

/** Waits until the lesson of this title has run. */
const runShown = async (page: Page, title: string) => {
  await page.getByRole('heading', { name: title, level: 1 }).waitFor()
  await page.getByText('Step 1 of', { exact: false }).first().waitFor()
}

const claimWords = (page: Page) => page.locator('.lesson-claims summary b').allInnerTexts()

describeInChromium('The Lessons screen', () => {
  it('goes through all lessons by keyboard, each claim held, each ticked at its end', async () => {
    const { page, complaints } = await openLessons()
    for (const lesson of lessons) {
      await runShown(page, lesson.title)
      expect(await claimWords(page)).toEqual(lesson.claims.map(() => 'Held'))
      await page.keyboard.press('.')
      await page.getByText('Step 2 of', { exact: false }).first().waitFor()
      await page.keyboard.press(',')
      await page.getByText('Step 1 of', { exact: false }).first().waitFor()
      await page.keyboard.press('End')
      await page.keyboard.press('PageDown')
    }
    await page.getByText(`${lessons.length} of ${lessons.length} done`).waitFor()
    expect(complaints).toEqual([])
  }, 120_000)

  it('lights the line of the step, and shows who waits beside it', async () => {
    const { page } = await openLessons()
    for (let i = 0; i < 7; i++) await page.keyboard.press('PageDown')
    await runShown(page, 'Coroutines: compute and printSum')
    const lit = page.locator('.cm-line.cm-runs')
    await page.keyboard.press('.')
    await page.keyboard.press('.')
    await expect.poll(() => lit.innerText()).toContain('console.log(`Compute')
    await page.keyboard.press('End')
    await page.keyboard.press(',')
    await page.keyboard.press(',')
    await page.keyboard.press(',')
    await expect.poll(() => lit.innerText()).toContain('return x + y')
    expect(
      await page.locator('.cm-line.cm-waits').evaluateAll((all) => all.map((line) => line.getAttribute('data-note'))),
    ).toEqual(['printSum waits', 'main waits'])
  })

  it('runs a changed lesson, shows its new truth and its errors where they are, and takes the text back', async () => {
    const { page, complaints } = await openLessons()
    for (let i = 0; i < 4; i++) await page.keyboard.press('PageDown')
    await runShown(page, 'Phases of the loop')
    await page.keyboard.press('e')
    await page.getByRole('textbox', { name: 'Code of the lesson, being changed' }).waitFor()
    await page.keyboard.press('Control+A')
    await page.keyboard.insertText(
      "setTimeout(() => console.log('inside: tick'), 0)\nconsole.log('inside: I/O callback')\n",
    )
    await page.keyboard.press('Control+Enter')
    await page.getByText('Changed', { exact: true }).waitFor()
    await expect.poll(() => claimWords(page)).toEqual(['Not held', 'Not held', 'Not held', 'Not held'])
    await page.getByText('inside: I/O callback').first().waitFor()

    await page.keyboard.press('e')
    await page.keyboard.press('Control+A')
    await page.keyboard.insertText('const a = 1\nlet b: = 2\n')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('alert').filter({ hasText: 'Line 2, column 8' }).waitFor()

    await page.keyboard.press('z')
    await expect.poll(() => claimWords(page)).toEqual(['Held', 'Held', 'Held', 'Held'])
    expect(complaints).toEqual([])
  })

  it('types letters into the editor, not into the page', async () => {
    const { page } = await openLessons()
    await page.keyboard.press('e')
    await page.getByRole('textbox', { name: 'Code of the lesson, being changed' }).waitFor()
    await page.keyboard.press('Control+A')
    await page.keyboard.type('// lcr.,e ')
    expect(await page.locator('.cm-content').innerText()).toContain('// lcr.,e')
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Edit and rerun' }).waitFor()
  })

  it('plays, grows for a projector, and folds its list away', async () => {
    const { page } = await openLessons()
    await page.keyboard.press('Space')
    await page.getByText('Step 3 of', { exact: false }).first().waitFor()
    await page.keyboard.press('[')
    expect(await page.getByRole('navigation', { name: 'Lessons' }).count()).toBe(0)
    await page.keyboard.press('[')
    for (const size of ['size-125', 'size-150']) {
      await page.keyboard.press('Control++')
      await page.locator(`.lessons.${size}`).waitFor()
    }
    expect(await page.getByRole('navigation', { name: 'Lessons' }).count()).toBe(0)
  })

  it('has nothing that axe calls serious', async () => {
    const { page } = await openLessons()
    const { violations } = await new AxeBuilder({ page }).analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(
      serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`),
    ).toEqual([])
  })
})
