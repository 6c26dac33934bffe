// What a page shows once the engine has ended, or the app is out of reach: that this is what was said last, in words and colours
// that can be read, and no figure that looks like one of now. The host runs in this process, so that its engine can be made to fail.
import net from 'node:net'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { createServeHost } from '../../main/serve/serve-host.ts'
import { createWorkbench } from '../../main/workbench.ts'
import { launchChromium } from '../support/chromium.ts'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { crash, engineThread, expectOk } from '../support/engine.ts'
import { boundPort, inspectorFacts } from './support/served-workbench.ts'

const rendererDirectory = join(import.meta.dirname, '../../out/renderer')

/** A served workbench with an echo listener and one open connection that talks; and its engine thread. */
const openTalking = async (colorScheme: 'light' | 'dark') => {
  const workbench = await createWorkbench()
  const thread = engineThread()
  const host = expectOk(
    await createServeHost({ workbench, host: '127.0.0.1', port: 0, rendererDirectory, warn: () => {} }),
  )
  const dispose = async () => {
    await host.dispose()
    await workbench.stop(1000)
  }
  let disposed: Promise<void> | null = null
  const stop = () => {
    disposed ??= dispose()
    return disposed
  }
  onTestFinished(stop)
  const browser = await launchChromium()
  onTestFinished(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(host.url)
  await page.getByRole('textbox', { name: 'Listening address' }).fill('127.0.0.1:0')
  await page.keyboard.press('Enter')
  const peer = net.connect(await boundPort(page, 'Echo'), '127.0.0.1').on('error', () => {})
  peer.resume()
  const talk = setInterval(() => peer.write('PING\r\n'), 20)
  onTestFinished(() => {
    clearInterval(talk)
    peer.destroy()
  })
  await row(page, 'Echo').getByText('Echoes').waitFor()
  await page.getByRole('treegrid').getByRole('row', { name: 'Connection 1' }).waitFor()
  await loopPill(page).getByText('%').waitFor()
  return { page, thread, stop }
}

const sidebar = (page: Page) => page.getByRole('region', { name: 'Endpoints' })
const row = (page: Page, name: string) => page.getByRole('treegrid').getByRole('row').filter({ hasText: name }).first()
const loopPill = (page: Page) => page.getByRole('button', { name: /busy|loop not/ })
const violations = async (page: Page) => (await new AxeBuilder({ page }).analyze()).violations

/** The Loop screen tells of no present: the ring, the last second and the sentence say why; what was recorded is there to be read. */
const expectLoopOfThen = async (page: Page, state: string, sentence: string) => {
  const ring = page.getByRole('region', { name: 'Phase of the loop' })
  await ring.getByText(state, { exact: true }).waitFor()
  await page.getByText(sentence).first().waitFor()
  expect(await page.getByRole('button', { name: 'Block the loop' }).isEnabled()).toBe(false)
  await page.getByText('own work –').waitFor()
  const iterations = page.getByRole('region', { name: 'Iterations per second' })
  await expect.poll(() => iterations.innerText()).toMatch(/ in [\d.]+ – [\d.]+ s/)
  const rows = page.getByRole('grid', { name: 'Callbacks' }).getByRole('rowgroup').getByRole('row')
  await expect.poll(() => rows.count()).toBeGreaterThan(3)
  // Steps back and forth as ever.
  await page.keyboard.press(',')
  await page.getByRole('grid', { name: 'Callbacks' }).getByRole('row', { selected: true }).waitFor()
}

describeInChromium('A page', () => {
  it.each(['light', 'dark'] as const)('says that the engine has stopped, in %s colours', async (colorScheme) => {
    const { page, thread } = await openTalking(colorScheme)
    crash(thread)
    await sidebar(page).getByText('Engine stopped. Its sockets are closed.').waitFor()
    await row(page, 'Echo').getByText('Engine stopped').waitFor()
    const connection = page.getByRole('treegrid').getByRole('row', { name: 'Connection 1' })
    expect(await connection.innerText()).toMatch(/closed$/)
    await loopPill(page).waitFor({ state: 'detached' })
    await expect.poll(() => inspectorFacts(page)).toMatchObject({ State: 'Live when the engine stopped' })
    expect(await page.getByRole('button', { name: 'Reset all' }).count()).toBe(0)
    expect(await violations(page)).toEqual([])
    await page.getByRole('tab', { name: 'Loop' }).click()
    await expectLoopOfThen(page, 'stopped', 'The loop has stopped.')
    expect(await violations(page)).toEqual([])
    await page.getByRole('tab', { name: 'Wire' }).click()
    await page.getByRole('button', { name: 'Restart' }).click()
    await sidebar(page).getByText('Engine stopped').first().waitFor({ state: 'detached' })
  })

  it.each(['light', 'dark'] as const)('says that Wireloop is out of reach, in %s colours', async (colorScheme) => {
    const { page, stop } = await openTalking(colorScheme)
    await stop()
    await sidebar(page).getByText('Not connected. This is what Wireloop said last; it may have changed.').waitFor()
    await row(page, 'Echo').getByText('Not known').waitFor()
    await page.getByRole('button', { name: 'loop not reached' }).waitFor()
    await expect.poll(() => inspectorFacts(page)).toMatchObject({ State: 'Live when last heard of' })
    expect(await page.getByRole('button', { name: 'Reset all' }).count()).toBe(0)
    expect(await loopPill(page).innerText()).not.toMatch(/\d/)
    expect(await violations(page)).toEqual([])
    await page.getByRole('tab', { name: 'Loop' }).click()
    await expectLoopOfThen(page, 'not reached', 'Wireloop is out of reach')
    expect(await violations(page)).toEqual([])
  })
})
