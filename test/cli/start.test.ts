// `npm start` where Electron cannot run: what stands in its way becomes one sentence. The binary is played by shell scripts
// that fail as Electron does, because its own download is not to be relied on.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { desktopObstacle, runElectron } from '../../scripts/electron.ts'
import { temporaryFolder } from '../support/peers.ts'

describe('what stands in the way of a window', () => {
  it.each([
    { platform: 'linux', env: {}, user: 1000, says: /no display/ },
    { platform: 'linux', env: { DISPLAY: '' }, user: 1000, says: /no display/ },
    { platform: 'linux', env: { DISPLAY: ':0' }, user: 0, says: /root/ },
    { platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' }, user: 0, says: /root/ },
  ] as const)('on $platform with $env as user $user', ({ platform, env, user, says }) => {
    expect(desktopObstacle(platform, env, user)).toMatch(says)
  })

  it.each([
    { platform: 'linux', env: { DISPLAY: ':0' }, user: 1000 },
    { platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' }, user: 1000 },
    { platform: 'darwin', env: {}, user: 501 },
    { platform: 'win32', env: {}, user: undefined },
  ] as const)('nothing on $platform with $env as user $user', ({ platform, env, user }) => {
    expect(desktopObstacle(platform, env, user)).toBeNull()
  })
})

describe.skipIf(process.platform === 'win32')('an Electron that', () => {
  const electron = (script: string): string => {
    const path = join(temporaryFolder(), 'electron')
    writeFileSync(path, `#!/bin/sh\n${script}\n`)
    chmodSync(path, 0o755)
    return path
  }

  it('lacks a library names it in one sentence, and its own words are not shown', async () => {
    const write = vi.spyOn(process.stderr, 'write')
    const end = await runElectron(
      electron(`echo "electron: error while loading shared libraries: libnss3.so: cannot open" >&2; exit 127`),
    )
    expect(end.failedToStart).toBe('Electron cannot start here: the library libnss3.so is missing.')
    expect(write).not.toHaveBeenCalled()
    write.mockRestore()
  })

  it.each([
    {
      words: 'FATAL:setuid_sandbox_host.cc The SUID sandbox helper binary was found',
      says: /does not allow its sandbox/,
    },
    { words: 'ERROR:ozone_platform_x11.cc Missing X server or $DISPLAY', says: /display does not answer/ },
    { words: 'something else', says: /ended as soon as it was started \(SIGABRT\)/ },
  ])('dies with “$words” is told in one sentence', async ({ words, says }) => {
    const end = await runElectron(electron(`echo '${words}' >&2; kill -ABRT $$`))
    expect(end.failedToStart).toMatch(says)
    expect(end.failedToStart).not.toContain('\n')
  })

  it('is not there at all is told too', async () => {
    const end = await runElectron(join(temporaryFolder(), 'nothing'))
    expect(end.failedToStart).toMatch(/ENOENT/)
  })

  it('runs and ends gives its exit code on', async () => {
    expect(await runElectron(electron('exit 0'))).toEqual({ code: 0, failedToStart: null })
  })

  it('is told to stop gets the signal, and that is no failed start', async () => {
    const folder = temporaryFolder()
    const ended = runElectron(electron(`trap 'exit 3' TERM; : > ${folder}/ready; while :; do sleep 0.05; done`))
    const { existsSync } = await import('node:fs')
    await vi.waitUntil(() => existsSync(join(folder, 'ready')), { timeout: 10_000 })
    process.emit('SIGTERM', 'SIGTERM')
    expect(await ended).toEqual({ code: 3, failedToStart: null })
  })
})
