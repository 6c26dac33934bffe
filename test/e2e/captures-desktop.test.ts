// Capture files in the desktop app: kept in its user data, opened and copied where the system's dialogs say, and opened from
// the command line. The dialogs are the stand-in's: told, and answered by the test (docs/desktop.md).
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { makeCapture } from '../bench/support/make-capture.ts'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import type { Report } from '../support/desktop-stand-in/control.ts'
import { startDesktop } from '../support/desktop-stand-in/driver.ts'
import { doMainJob } from './support/main-job.ts'
import { eventGrid, testFolder } from './support/served-workbench.ts'

/** The machine may be busy with other things than this test. */
const becomes = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 20_000 })

const start = async (words: readonly string[] = []) => {
  const desktop = await startDesktop(undefined, words)
  onTestFinished(() => desktop.dispose())
  desktop.page.setDefaultTimeout(20_000)
  return desktop
}

const oldCapture = async (): Promise<string> => {
  const path = join(await testFolder(), 'elsewhere.wireloop')
  makeCapture(path, { events: 2000, payloadBytes: 64, connections: 4, needleEvery: 0 })
  return path
}

const isDialog =
  (kind: 'open' | 'save') =>
  (report: Report): boolean =>
    report.report === 'dialog-shown' && report.kind === kind

describeInChromium('Captures in the desktop app', () => {
  it('records to its user data, and copies to where the dialog says; Cancel copies nothing', async () => {
    const desktop = await start()
    const { page } = desktop
    await doMainJob(page)
    await page.keyboard.press('Control+o')
    const sheet = page.getByRole('dialog', { name: 'Captures' })
    const now = sheet.getByRole('region', { name: 'Recording now' })
    await becomes(() => now.innerText()).toMatch(/\.wireloop .*captures\n/)
    const saveAs = async () => {
      await now.getByRole('button', { name: 'Actions for the recording' }).click()
      await page.getByRole('menuitem', { name: 'Save as' }).click()
    }
    // Nobody has answered yet: that is Cancel.
    await saveAs()
    expect(await desktop.reported(isDialog('save'))).toMatchObject({
      overWindow: true,
      extensions: ['wireloop'],
      proposes: expect.stringMatching(/^\d{4}-\d\d-\d\d .* copy\.wireloop$/),
    })
    await becomes(() => now.locator('.capture-task').count()).toBe(0)

    const target = join(await testFolder(), 'copied.wireloop')
    desktop.order({ order: 'answer-dialog', path: target })
    await saveAs()
    await sheet.getByText(/^Saved as copied, /).waitFor()
    expect(existsSync(target)).toBe(true)
    expect(existsSync(`${target}.part`)).toBe(false)
  })

  it('opens the file that the dialog names, and stays where it is on Cancel', async () => {
    const path = await oldCapture()
    const desktop = await start()
    const { page } = desktop
    await page.keyboard.press('Control+o')
    const sheet = page.getByRole('dialog', { name: 'Captures' })
    const choose = sheet.getByRole('button', { name: 'Open a file' })
    await choose.click()
    expect(await desktop.reported(isDialog('open'))).toMatchObject({ overWindow: true, extensions: ['wireloop'] })
    await becomes(() => choose.isEnabled()).toBe(true)
    expect(await sheet.isVisible()).toBe(true)

    desktop.order({ order: 'answer-dialog', path: join(path, '..', 'nothing.wireloop') })
    await choose.click()
    await sheet.getByRole('alert').filter({ hasText: 'nothing.wireloop' }).waitFor()

    desktop.order({ order: 'answer-dialog', path })
    await choose.click()
    await sheet.waitFor({ state: 'hidden' })
    const strip = page.getByRole('region', { name: 'Opened capture' })
    await strip.getByText('elsewhere.wireloop').waitFor()
    await eventGrid(page).getByRole('row').nth(2).waitFor()
    await strip.getByRole('button', { name: 'Back to live' }).click()
    await strip.waitFor({ state: 'detached' })
  })

  it('shows the file that it is started with', async () => {
    const { page } = await start([await oldCapture()])
    await page.getByRole('region', { name: 'Opened capture' }).getByText('elsewhere.wireloop').waitFor()
    await eventGrid(page).getByRole('row').nth(2).waitFor()
  })

  it('starts without a file that cannot be opened, and says which', async () => {
    const missing = join(await testFolder(), 'missing.wireloop')
    const desktop = await start([missing])
    await desktop.page.getByRole('textbox', { name: 'Listening address' }).waitFor()
    expect(desktop.output()).toContain(`${missing} cannot be opened`)
  })
})
