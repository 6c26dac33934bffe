// `wireloop serve` as a person meets it: the built command line, its one URL, and the page behind it in real Chromium.
// The host's own checks, request by request, are in test/serve.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Browser, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { doMainJob, eventRows } from './support/main-job.ts'

const cli = join(import.meta.dirname, '../../out/main/cli.js')

describeInChromium('wireloop serve', () => {
  let host: ChildProcess
  let browser: Browser
  let page: Page
  let url: string
  /** What the page's console and its policy have complained about. */
  let complaints: string[]

  beforeEach(async () => {
    host = spawn(process.execPath, [cli, 'serve', '--no-open', '--no-capture'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface({ input: host.stdout! }), 'line')
    url = line
    browser = await launchChromium()
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    page = await context.newPage()
    complaints = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
  })

  afterEach(async () => {
    await browser.close()
    if (host.exitCode !== null) return
    host.kill('SIGTERM')
    await once(host, 'exit')
  })

  it('prints one URL, behind which the main job is done by hand, and kept over a reload', async () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/)
    const response = await page.goto(url)
    expect(response?.headers()['content-security-policy']).toContain("default-src 'none'")
    await doMainJob(page)
    const before = await eventRows(page)
    await page.reload()
    await expect.poll(() => eventRows(page)).toEqual(before)
    expect(complaints).toEqual([])
  })

  it('shows the same to every page of the same browser, the next without its token', async () => {
    await page.goto(url)
    await doMainJob(page)
    const other = await page.context().newPage()
    await other.goto(new URL('/', url).href)
    await expect.poll(() => eventRows(other)).toEqual(await eventRows(page))
  })

  it('tells a browser without the token what to do, and gives it nothing', async () => {
    const response = await page.goto(new URL('/', url).href)
    expect(response?.status()).toBe(403)
    expect(await page.locator('body').textContent()).toContain('Use the URL that “wireloop serve” printed.')
    const socket = await page.evaluate(`new Promise((resolve) => {
      const socket = new WebSocket('ws://' + location.host + '/socket')
      socket.onopen = () => resolve('open')
      socket.onerror = () => resolve('refused')
    })`)
    expect(socket).toBe('refused')
  })

  it('is of no use to a page of another site, even one that knows the token', async () => {
    await page.route('http://evil.example/', (route) => route.fulfill({ contentType: 'text/html', body: 'evil' }))
    await page.goto('http://evil.example/')
    const outcome = await page.evaluate(`(async () => {
      const url = new URL(${JSON.stringify(url)})
      const read = await fetch(url).then(() => 'read', () => 'refused')
      const socket = await new Promise((resolve) => {
        const socket = new WebSocket('ws://' + url.host + '/socket' + url.search)
        socket.onopen = () => resolve('open')
        socket.onerror = () => resolve('refused')
      })
      const script = await new Promise((resolve) => {
        const script = document.createElement('script')
        script.src = url.origin + '/' + 'assets/none.js'
        script.onload = () => resolve('loaded')
        script.onerror = () => resolve('refused')
        document.head.append(script)
      })
      return { read, socket, script }
    })()`)
    expect(outcome).toEqual({ read: 'refused', socket: 'refused', script: 'refused' })
  })

  it('ends in order on SIGTERM, and the page says that it has lost it', async () => {
    await page.goto(url)
    await doMainJob(page)
    host.kill('SIGTERM')
    expect(await once(host, 'exit')).toEqual([0, null])
    await page.getByText('Connection to Wireloop lost, retrying').waitFor()
  })
})
