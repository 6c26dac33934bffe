// The pages of `wireloop serve` over real HTTP: who gets them, with which headers, and that nothing else is to be had.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentSecurityPolicy } from '../../main/page-headers.ts'
import { ask, pageText, type Served, secret, serve } from './served.ts'

// One host for all: whatever a test does to it, the next finds it working.
let served: Served
beforeAll(async () => {
  served = await serve()
})
afterAll(() => served.dispose())

describe('The page', () => {
  it('is served to the URL that the host names, which carries 256 bits of token', async () => {
    expect(served.url.origin).toBe(`http://127.0.0.1:${served.port}`)
    expect(Buffer.from(served.token, 'base64url')).toHaveLength(32)
    const { status, headers, body } = await ask(served, served.url.pathname + served.url.search)
    expect(status).toBe(200)
    expect(body).toBe(pageText)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
  })

  it('comes with a policy that lets it load, run and connect to nothing but its own origin', async () => {
    const { headers } = await ask(served, `/?token=${served.token}`)
    expect(headers['content-security-policy']).toBe(contentSecurityPolicy([`ws://127.0.0.1:${served.port}`]))
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    })
  })

  it('gives a cookie that no script and no other site can use, and takes it in place of the token', async () => {
    const { headers } = await ask(served, `/?token=${served.token}`)
    const [cookie] = headers['set-cookie'] ?? []
    expect(cookie).toBe(`wireloop-token-${served.port}=${served.token}; Path=/; HttpOnly; SameSite=Strict`)
    const again = await ask(served, '/', { cookie: `theme=dark; ${cookie?.split(';')[0]}` })
    expect(again.status).toBe(200)
  })

  it.each([
    ['without a token', () => '/', {}, 'This URL carries no token'],
    ['with a wrong token', () => '/?token=wrong', {}, 'not that of the Wireloop that runs here now'],
    ['with a token cut short', () => `/?token=${served.token.slice(0, -1)}`, {}, 'not that of the Wireloop'],
    ['with the cookie of another port', () => '/', { cookie: 'wireloop-token-1=x' }, 'This URL carries no token'],
  ])('is refused %s, with a sentence that says what to do', async (_case, path, headers, sentence) => {
    const { status, body, headers: answered } = await ask(served, path(), headers)
    expect(status).toBe(403)
    expect(body).toContain(sentence)
    expect(body).toContain('Use the URL that “wireloop serve” printed.')
    expect(answered['set-cookie']).toBeUndefined()
  })

  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'a b',
    '@localhost',
    'localhost/',
    '0x7f.1',
  ])('is refused under the host name “%s”, as a rebound name would be', async (host) => {
    const { status, body } = await ask(served, `/?token=${served.token}`, { host })
    expect([400, 403]).toContain(status)
    expect(body).not.toContain('<title>')
  })

  it.each(['localhost', 'LOCALHOST:1234', '127.0.0.1:1', '127.8.9.10', '[::1]:22'])(
    'is served under the local name %s with any port, as through “ssh -L”',
    async (host) => {
      const { status, headers } = await ask(served, `/?token=${served.token}`, { host })
      expect(status).toBe(200)
      expect(headers['content-security-policy']).toContain(`connect-src 'self' ws://${host.toLowerCase()};`)
    },
  )
})

describe('The files of the page', () => {
  it('have their content types, and are kept by the browser only where their name changes with their content', async () => {
    const script = await ask(served, '/assets/main-1234.js')
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(script.headers['cache-control']).toBe('private, max-age=31536000, immutable')
    const picture = await ask(served, '/icon.svg')
    expect(picture.headers['content-type']).toBe('image/svg+xml')
    expect(picture.headers['cache-control']).toBe('no-store')
  })

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/assets/..\\..\\secret.txt',
    '//secret.txt',
    '/./../secret.txt',
    '/%00/secret.txt',
    '/assets',
    '/assets/',
    '/index.html/../../secret.txt',
    '/etc/passwd',
    'http://127.0.0.1/../secret.txt',
    '*',
    '?',
  ])('are all there is: %s leads nowhere', async (path) => {
    const { status, body } = await ask(served, path)
    expect([400, 403, 404]).toContain(status)
    expect(body).not.toContain(secret)
  })

  it('are answered to HEAD without a body, and to nothing but GET and HEAD', async () => {
    const head = await ask(served, '/icon.svg', {}, 'HEAD')
    expect(head).toMatchObject({ status: 200, body: '' })
    expect(Number(head.headers['content-length'])).toBeGreaterThan(0)
    const post = await ask(served, '/', {}, 'POST')
    expect(post.status).toBe(405)
    expect(post.headers.allow).toBe('GET, HEAD')
  })
})

describe('The host', () => {
  it('opens the URL in the browser where it is asked to, and says so where that fails', async () => {
    const opened: string[] = []
    const warnings: string[] = []
    const other = await serve({
      openBrowser: (url) => {
        opened.push(url)
        return Promise.reject(new Error('no browser here'))
      },
      warn: (line) => warnings.push(line),
    })
    expect(opened).toEqual([other.url.href])
    await expect.poll(() => warnings.join()).toContain('no browser here')
    await other.dispose()
  })

  it('listens on this machine without a word, and says loudly, once, what listening beyond it exposes', async () => {
    expect(served.warnings).toEqual([])
    const exposed = await serve({ host: '0.0.0.0' })
    expect(exposed.warnings).toHaveLength(1)
    expect(exposed.warnings[0]).toMatch(/^WARNING: .*0\.0\.0\.0:\d+/)
    // A URL that a browser on this machine can open; elsewhere a person puts the machine's name in.
    expect(exposed.url.hostname).toBe('127.0.0.1')
    expect((await ask(exposed, `/?token=${exposed.token}`, { host: '192.0.2.7' })).status).toBe(200)
    expect((await ask(exposed, `/?token=${exposed.token}`, { host: 'evil.example' })).status).toBe(403)
    await exposed.dispose()
  })

  it('fails with the errno name where the port is taken', async () => {
    await expect(serve({ port: served.port })).rejects.toThrow(`EADDRINUSE: Cannot serve at 127.0.0.1:${served.port}`)
  })

  it.each([
    ['are not there', '/nowhere'],
    ['hold no page', import.meta.dirname],
  ])('fails where its pages %s, and says how to build them', async (_case, rendererDirectory) => {
    await expect(serve({ rendererDirectory })).rejects.toThrow(/^ENOENT: .*npm run build/)
  })

  it('is gone when it is disposed of', async () => {
    const other = await serve()
    await other.dispose()
    await expect(ask(other, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
