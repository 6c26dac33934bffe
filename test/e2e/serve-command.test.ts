// `wireloop serve` from outside: the one URL, the token, its failures and its end. What it serves is test/serve's subject.
// Here and not in test/cli, because it needs the built pages.
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { wireloop } from '../support/command-line.ts'
import { eventually } from '../support/peers.ts'

describe('wireloop serve', () => {
  it('prints one URL with a token, serves the page there, and ends on SIGTERM with 0', async () => {
    const cli = wireloop(['serve', '--no-open', '--no-capture'])
    await eventually(() => cli.stdout().includes('\n'))
    expect(cli.stdout()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{20,}\n$/)
    const url = cli.stdout().trim()
    const page = await fetch(url)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<!doctype html>')
    const refused = await fetch(new URL('/', url))
    expect(refused.status).toBeGreaterThanOrEqual(400)
    await refused.text()
    cli.process.kill('SIGTERM')
    const { code, stdout, stderr } = await cli.ended
    expect(stderr).toBe('')
    expect(stdout).toBe(`${url}\n`)
    expect(code).toBe(0)
  })

  it('--json says it in JSON Lines, --max-time ends it', async () => {
    const cli = wireloop(['serve', '--no-open', '--no-capture', '--json', '--max-time', '1'])
    expect((await cli.ended).code).toBe(0)
    expect(cli.lines()).toEqual([
      { kind: 'serve-started', url: expect.stringMatching(/^http:/) },
      { kind: 'serve-stopped' },
    ])
  })

  it('--toxiproxy-api takes toxiproxy’s requests at a port of its own, and is not there without', async () => {
    const cli = wireloop(['serve', '--no-open', '--no-capture', '--json', '--toxiproxy-api', '0'])
    const started = await cli.line(({ kind }) => kind === 'toxiproxy-api-started')
    expect(started.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const body = JSON.stringify({ name: 'a', listen: '127.0.0.1:0', upstream: '127.0.0.1:9' })
    expect((await fetch(`${started.url}/proxies`, { method: 'POST', body })).status).toBe(201)
    expect(Object.keys((await (await fetch(`${started.url}/proxies`)).json()) as object)).toEqual(['a'])
    cli.process.kill('SIGTERM')
    expect((await cli.ended).code).toBe(0)
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => new Promise((resolve) => taken.close(() => resolve())))
    const address = taken.address()
    const port = String(typeof address === 'object' ? address?.port : 0)
    const refused = await wireloop(['serve', '--no-open', '--no-capture', '--toxiproxy-api', port]).ended
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/EADDRINUSE/) as string })
  })

  it('a port in use: exit 1, one sentence with EADDRINUSE', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => new Promise((resolve) => server.close(() => resolve())))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const { code, stdout, stderr } = await wireloop(['serve', '--no-open', '--no-capture', '--port', String(port)])
      .ended
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^wireloop: [^\n]*EADDRINUSE[^\n]*\n$/)
    expect(code).toBe(1)
  })
})
