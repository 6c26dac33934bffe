// The same main job in Electron itself, where this machine has its binary, a display, and a user that its sandbox accepts; skipped with
// one loud line where not. Counterpart: desktop-stand-in.test.ts, which runs everywhere.

import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { contentSecurityPolicy } from '../../main/page-headers.ts'
import { desktopObstacle } from '../../scripts/electron.ts'
import { connectClient, doMainJob, eventRows } from './support/main-job.ts'

const root = join(import.meta.dirname, '../..')
const packageFolder = join(root, 'node_modules/electron')

/** The binary that is here already; a test does not download one. */
const installedBinary = (): string | null => {
  const pathFile = join(packageFolder, 'path.txt')
  const binary = existsSync(pathFile) ? join(packageFolder, 'dist', readFileSync(pathFile, 'utf8')) : null
  return binary !== null && existsSync(binary) ? binary : null
}

const binary = installedBinary()
const obstacle =
  binary === null
    ? 'Electron’s binary is not installed (npx install-electron fetches it).'
    : desktopObstacle(process.platform, process.env, process.getuid?.())
if (obstacle !== null) console.error(`\n*** The desktop tests in Electron are skipped: ${obstacle} ***\n`)

describe.skipIf(obstacle !== null)('The desktop app in Electron', () => {
  let app: ElectronApplication
  let page: Page
  let profile: string

  beforeEach(async () => {
    profile = mkdtempSync(join(tmpdir(), 'wireloop-electron-test-'))
    app = await _electron.launch({ executablePath: binary ?? '', args: [root, `--user-data-dir=${profile}`] })
    page = await app.firstWindow()
  })
  afterEach(async () => {
    await app.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  })

  it('opens at app://wireloop with its policy, and does the main job over the real ipc and event port', async () => {
    const response = await page.reload()
    expect(page.url()).toBe('app://wireloop/')
    expect(response?.headers()['content-security-policy']).toBe(contentSecurityPolicy())
    await doMainJob(page)
    const before = await eventRows(page)
    await page.reload()
    await expect.poll(() => eventRows(page)).toEqual(before)
  })

  it('keeps its page: no navigation, no new windows, no permissions, nothing of Node', async () => {
    await page.evaluate(`location.href = 'https://example.invalid/'`)
    expect(await page.evaluate(`window.open('https://example.invalid/')`)).toBeNull()
    expect(await page.evaluate(`navigator.permissions.query({ name: 'geolocation' }).then(({ state }) => state)`)).toBe(
      'denied',
    )
    expect(await page.evaluate('[typeof require, typeof process]')).toEqual(['undefined', 'undefined'])
    expect(page.url()).toBe('app://wireloop/')
    expect(app.windows()).toHaveLength(1)
  })

  it('refuses commands of a foreign page that its own window shows', async () => {
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.loadURL('data:text/html,foreign'))
    const refused = await page.evaluate('window.wireloop.commands.snapshot(null)')
    expect(refused).toMatchObject({ ok: false, failure: { code: 'refused' } })
  })

  it('leaves in order: a peer sees FIN and no reset', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const accepted = once(server, 'connection') as Promise<[Socket]>
    await connectClient(page, (server.address() as AddressInfo).port)
    const [peer] = await accepted
    const endings: string[] = []
    peer.on('end', () => endings.push('FIN'))
    peer.on('error', (error: NodeJS.ErrnoException) => endings.push(error.code ?? 'error'))
    peer.resume()
    const closed = once(peer, 'close')
    const exited = once(app.process(), 'exit')
    await app.evaluate(({ app: electronApp }) => electronApp.quit()).catch(() => undefined)
    await closed
    expect(endings).toEqual(['FIN'])
    expect(await exited).toEqual([0, null])
    server.close()
  })
})
