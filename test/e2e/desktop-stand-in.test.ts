// The built desktop app, main and preload unchanged, in the stand-in for Electron with real Chromium: its window and what fences it in,
// its two pipes, and how it leaves. What the stand-in cannot prove is in docs/desktop.md; desktop-electron.test.ts proves it
// where there is an Electron.
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { contentSecurityPolicy } from '../../main/page-headers.ts'
import { commandNames, pageBatchBytes, pageCreditMarks } from '../../preload/contract/api.ts'
import { rowBytesOf } from '../../preload/contract/event-columns.ts'
import { eventKinds } from '../../preload/contract/vocabulary.ts'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { shownOrigin } from '../support/desktop-stand-in/addresses.ts'
import { startDesktop } from '../support/desktop-stand-in/driver.ts'
import { doMainJob, eventRows } from './support/main-job.ts'
import { type PlainDesktop, startPlainDesktop } from './support/plain-desktop.ts'

const listenerSpec = (reply: 'echo' | 'discard') =>
  ({ role: 'listener', name: '', host: '127.0.0.1', port: 0, reply, greeting: new Uint8Array() }) as const
const clientSpec = (port: number) =>
  ({ role: 'client', name: '', host: '127.0.0.1', port, connectTimeoutMs: 2000 }) as const

/** `connected`, or the errno name of why not. */
const tryToConnect = (port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      resolve('connected')
      socket.destroy()
    })
    // Stays: one that was let in may still be reset.
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })

/** A web server that counts who comes: somewhere a page should never get to. */
const startForeignSite = async () => {
  const requests: string[] = []
  const server = createServer((request: IncomingMessage, response) => {
    requests.push(request.url ?? '')
    response.setHeader('Content-Type', 'text/html')
    response.end('<title>Foreign</title>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    dispose: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

describeInChromium('The desktop app with its own page', () => {
  it('does the main job by hand: listener, client, “Hello World!”, every event of it seen, and keeps it over a reload', async () => {
    const desktop = await startDesktop()
    onTestFinished(() => desktop.dispose())
    const complaints: string[] = []
    desktop.page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    desktop.page.on('pageerror', (error) => complaints.push(error.message))
    await doMainJob(desktop.page)
    const before = await eventRows(desktop.page)
    await desktop.page.reload()
    await expect.poll(() => eventRows(desktop.page)).toEqual(before)
    // Above all, nothing that the content security policy had to stop.
    expect(complaints).toEqual([])
    desktop.order({ order: 'quit' })
    expect(await desktop.exited).toBe(0)
    expect(desktop.output()).toBe('')
  })
})

describeInChromium('The desktop app', () => {
  let desktop: PlainDesktop
  const start = async () => {
    desktop = await startPlainDesktop()
  }
  const end = () => desktop.dispose()

  /** Starts a listener; its port. */
  const listen = async (reply: 'echo' | 'discard'): Promise<number> => {
    const made = await desktop.command('createEndpoint', { spec: listenerSpec(reply) })
    if (!made.ok || made.value.local === null) throw new Error(JSON.stringify(made))
    return made.value.local.port
  }

  /** Connects a client; its connection, once it is open. */
  const connectClient = async (port: number) => {
    await desktop.command('createEndpoint', { spec: clientSpec(port) })
    let id: number | undefined
    await expect
      .poll(async () => {
        const snapshot = await desktop.command('snapshot', null)
        const open =
          snapshot.ok && snapshot.value.connections.find((each) => each.direction === 'out' && each.state === 'open')
        id = open ? open.id : undefined
        return id
      })
      .toBeDefined()
    return id as never
  }

  /** `kind text` of all data events that the page has, in order. */
  const dataEvents = async (): Promise<string[]> => {
    const decoder = new TextDecoder()
    return (await desktop.batches())
      .flatMap((batch) =>
        Array.from(
          { length: batch.count },
          (_, i) => `${eventKinds[batch.kind[i]!]} ${decoder.decode(rowBytesOf(batch, i))}`,
        ),
      )
      .filter((text) => text.startsWith('data-'))
  }

  describe('opens its window', () => {
    // These only look, so one app is enough for all.
    beforeAll(start)
    afterAll(end)

    it('at app://wireloop, served with its policy, and with the menu of every app', async () => {
      const response = await desktop.page.reload()
      expect(desktop.page.url()).toBe(`${shownOrigin}/`)
      expect(response?.status()).toBe(200)
      expect(response?.headers()).toMatchObject({
        'content-security-policy': contentSecurityPolicy(),
        'content-type': 'text/html; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
      expect(await desktop.reported(({ report }) => report === 'menu-set')).toMatchObject({
        roles: expect.arrayContaining(['fileMenu', 'editMenu', 'viewMenu', 'windowMenu', 'help']),
      })
    })

    it('and Chromium enforces the policy: nothing inline, nothing evaluated, nothing from or to elsewhere', async () => {
      const foreign = await startForeignSite()
      const outcome = await desktop.page.evaluate(`(async () => {
        const violations = []
        document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective))
        const inline = document.createElement('script')
        inline.textContent = 'window.injected = true'
        document.body.append(inline)
        const handler = document.createElement('div')
        handler.innerHTML = '<img src="data:," onerror="window.injected = true">'
        document.body.append(handler)
        const fetched = await fetch(${JSON.stringify(foreign.url)}, { mode: 'no-cors' }).then(() => true, () => false)
        const frame = document.createElement('iframe')
        frame.src = ${JSON.stringify(foreign.url)}
        document.body.append(frame)
        const script = document.createElement('script')
        script.src = ${JSON.stringify(foreign.url)}
        const failed = new Promise((resolve) => { script.onerror = () => resolve('blocked'); script.onload = resolve })
        document.body.append(script)
        const loaded = await failed
        // A frame is refused in the browser's process, which tells its page some time later.
        while (!violations.includes('frame-src')) await new Promise((resolve) => setTimeout(resolve))
        return { inlineRan: window.inlineRan, injected: window.injected, evaluated: window.evaluated, fetched, loaded, violations }
      })()`)
      expect(outcome).toMatchObject({ fetched: false, loaded: 'blocked' })
      for (const each of ['inlineRan', 'injected', 'evaluated']) expect(outcome).not.toHaveProperty(each, true)
      expect((outcome as { violations: string[] }).violations).toEqual(
        expect.arrayContaining(['script-src-elem', 'script-src-attr', 'connect-src', 'frame-src']),
      )
      expect(foreign.requests).toEqual([])
      await foreign.dispose()
    })

    it.each(['/../package.json', '/%2e%2e/package.json', '/main/index.js', '/%2e%2e%2fmain/index.js'])(
      'and serves nothing beside its page: not %s',
      async (path) => {
        expect(await desktop.page.evaluate(`fetch(${JSON.stringify(path)}).then((response) => response.status)`)).toBe(
          404,
        )
      },
    )

    it('with a page that has the contract and nothing else of the app', async () => {
      const seen = await desktop.page.evaluate(`({
        exposed: Object.keys(window.wireloop),
        commands: Object.keys(window.wireloop.commands),
        host: window.wireloop.host,
        node: [typeof require, typeof process, typeof module, typeof Buffer, typeof desktopStandInToMain],
        secure: isSecureContext,
      })`)
      expect(seen).toMatchObject({
        exposed: ['host', 'commands', 'openEvents'],
        commands: commandNames,
        host: { kind: 'desktop', version: '0.1.0', platform: process.platform },
        node: new Array(5).fill('undefined'),
        secure: true,
      })
    })
  })

  describe('carries both pipes', () => {
    beforeEach(start)
    afterEach(end)

    it('so that “Hello World!” goes to an echo and comes back, seen as four events', async () => {
      await desktop.openEvents()
      await desktop.post({ type: 'subscribe', fromSeq: 0 })
      const connection = await connectClient(await listen('echo'))
      const data = new TextEncoder().encode('Hello World!')
      expect(await desktop.command('send', { connection, data })).toEqual({ ok: true, value: 12 })
      await expect.poll(dataEvents).toHaveLength(4)
      expect((await dataEvents()).toSorted()).toEqual([
        'data-received Hello World!',
        'data-received Hello World!',
        'data-sent Hello World!',
        'data-sent Hello World!',
      ])
    })

    it('and answers a wrong command with what is wrong, as data', async () => {
      const spec = clientSpec(70_000)
      expect(await desktop.command('createEndpoint', { spec })).toMatchObject({
        ok: false,
        failure: { code: 'bad-argument', path: 'spec.port' },
      })
    })

    it('sends no more than the page has credit for, and goes on without a gap when it pays', async () => {
      await desktop.openEvents()
      const port = await listen('discard')
      const connection = await connectClient(port)
      // Each message is two events with a preview of 256 bytes.
      await desktop.page.evaluate(`Promise.all(Array.from({ length: 3000 }, () =>
        window.wireloop.commands.send({ connection: ${connection}, data: new Uint8Array(300) })))`)
      await desktop.post({ type: 'subscribe', fromSeq: 0 })
      const received = async () => (await desktop.batches()).reduce((sum, { buffer }) => sum + buffer.byteLength, 0)
      await expect.poll(received).toBeGreaterThan(pageCreditMarks.highBytes)
      // A round trip on the same pipes later, nothing more has come.
      const unpaid = await received()
      await desktop.command('snapshot', null)
      expect(await received()).toBe(unpaid)
      expect(unpaid).toBeLessThanOrEqual(pageCreditMarks.highBytes + pageBatchBytes)

      let paid = 0
      const nextSeq = async () => {
        const bytes = await received()
        if (bytes > paid) await desktop.post({ type: 'credit', bytes: bytes - paid })
        paid = bytes
        const last = (await desktop.batches()).at(-1)!
        return last.firstSeq + last.count
      }
      const snapshot = await desktop.command('snapshot', null)
      const total = snapshot.ok ? snapshot.value.seq : 0
      await expect.poll(nextSeq).toBeGreaterThanOrEqual(total)
      const batches = await desktop.batches()
      for (const [i, batch] of batches.entries()) {
        expect(batch.firstSeq).toBe(i === 0 ? 1 : batches[i - 1]!.firstSeq + batches[i - 1]!.count)
        expect(batch.buffer.byteLength).toBeLessThanOrEqual(pageBatchBytes)
      }
    })

    it('goes on where it was after a reload, over a new port', async () => {
      await desktop.openEvents()
      await desktop.post({ type: 'subscribe', fromSeq: 0 })
      const port = await listen('echo')
      await desktop.page.reload()
      await desktop.openEvents()
      const connection = await connectClient(port)
      await desktop.post({ type: 'subscribe', fromSeq: 0 })
      await desktop.command('send', { connection, data: new TextEncoder().encode('again') })
      await expect.poll(dataEvents).toHaveLength(4)
    })

    it('closes an event port on which the page breaks the contract, and opens another', async () => {
      await desktop.openEvents()
      await desktop.post({ type: 'subscribe', fromSeq: 'everything' } as never)
      await expect.poll(() => desktop.output()).toContain('event port is closed: seq is a number')
      await desktop.openEvents()
      await desktop.post({ type: 'subscribe', fromSeq: 0 })
      await listen('echo')
      await expect.poll(async () => (await desktop.batches()).length).toBeGreaterThan(0)
    })

    it('shows its page again when the page’s process has crashed', async () => {
      const cdp = await desktop.page.context().newCDPSession(desktop.page)
      // Never answered: its target is gone.
      cdp.send('Page.crash').catch(() => undefined)
      await desktop.reported(({ report }) => report === 'page-loaded', 1)
      expect(desktop.output()).toContain('page process is gone (crashed')
      await expect.poll(() => desktop.shown()).not.toBeOneOf([null, desktop.page])
      const snapshot = await desktop.shown()?.evaluate('window.wireloop.commands.snapshot(null)')
      expect(snapshot).toMatchObject({ ok: true })
    })
  })

  describe('refuses', () => {
    beforeEach(start)
    afterEach(end)

    it('commands and events to a foreign page, even one that its own window shows', async () => {
      const foreign = await startForeignSite()
      desktop.order({ order: 'load', url: foreign.url })
      await desktop.page.waitForURL(foreign.url)
      expect(await desktop.command('snapshot', null)).toMatchObject({ ok: false, failure: { code: 'refused' } })
      expect(await desktop.command('createEndpoint', { spec: listenerSpec('echo') })).toMatchObject({
        ok: false,
        failure: { code: 'refused' },
      })
      await desktop.page.evaluate(`
        window.ports = 0
        window.addEventListener('message', (event) => { window.ports += event.ports.length })
        window.wireloop.openEvents()
      `)
      // Both go the same way in order, so a port would have come before this answer.
      await desktop.command('snapshot', null)
      expect(await desktop.page.evaluate('window.ports')).toBe(0)

      desktop.order({ order: 'load', url: 'app://wireloop/' })
      await desktop.page.waitForURL(`${shownOrigin}/`)
      const snapshot = await desktop.command('snapshot', null)
      expect(snapshot).toMatchObject({ ok: true, value: { endpoints: [] } })
      await foreign.dispose()
    })

    it('to navigate anywhere, by script, by link or by form', async () => {
      const foreign = await startForeignSite()
      const ways = [
        `location.href = ${JSON.stringify(`${foreign.url}script`)}`,
        `location.replace(${JSON.stringify(`${foreign.url}replace`)})`,
        `document.querySelector('#leave').href = ${JSON.stringify(`${foreign.url}link`)}; document.querySelector('#leave').click()`,
        `location.pathname = '/plain.js'`,
      ]
      for (const [i, way] of ways.entries()) {
        await desktop.page.evaluate(way)
        await desktop.reported(({ report }) => report === 'navigation-denied', i)
      }
      await desktop.page.evaluate(`{
        const form = document.createElement('form')
        form.action = ${JSON.stringify(`${foreign.url}form`)}
        document.body.append(form)
        form.submit()
      }`)
      expect(await desktop.command('snapshot', null)).toMatchObject({ ok: true })
      expect(desktop.page.url()).toBe(`${shownOrigin}/`)
      expect(foreign.requests).toEqual([])
      await foreign.dispose()
    })

    it('to open new windows, by script or by link', async () => {
      const foreign = await startForeignSite()
      const denied = ({ report }: { report: string }) => report === 'window-denied'
      await desktop.page.evaluate(`void window.open(${JSON.stringify(`${foreign.url}script`)})`)
      expect(await desktop.reported(denied)).toMatchObject({ url: `${foreign.url}script` })
      await desktop.page.evaluate(`{
        const link = document.querySelector('#leave')
        link.href = ${JSON.stringify(`${foreign.url}link`)}
        link.target = '_blank'
        link.click()
      }`)
      expect(await desktop.reported(denied, 1)).toMatchObject({ url: `${foreign.url}link` })
      const windows = () => desktop.browser.contexts().flatMap((context) => context.pages().map((page) => page.url()))
      await expect.poll(() => windows().toSorted()).toEqual(['about:blank', `${shownOrigin}/`])
      expect(foreign.requests).toEqual([])
      await foreign.dispose()
    })

    it('every permission that its page asks for, but to put text into the clipboard', async () => {
      const states = await desktop.page.evaluate(`(async () => ({
        geolocation: (await navigator.permissions.query({ name: 'geolocation' })).state,
        notifications: await Notification.requestPermission(),
        reading: (await navigator.permissions.query({ name: 'clipboard-read' })).state,
        midi: (await navigator.permissions.query({ name: 'midi' })).state,
        position: await new Promise((resolve) =>
          navigator.geolocation.getCurrentPosition(() => resolve('given'), (error) => resolve(error.code))),
        read: await navigator.clipboard.readText().catch((error) => error.name),
        written: await navigator.clipboard.writeText('Hello World!').then(() => true),
      }))()`)
      expect(states).toEqual({
        geolocation: 'denied',
        notifications: 'denied',
        reading: 'denied',
        midi: 'denied',
        position: 1,
        read: 'NotAllowedError',
        written: true,
      })
    })
  })

  describe('leaves in order', () => {
    beforeEach(start)
    afterEach(end)

    const sentBytes = 16 * 1024 * 1024

    /**
     * A listener with one idle connection, and a client with 16 MiB on their way to a peer that does not read yet: more than the
     * kernel takes, so that what is left would be lost with a process that just ends.
     */
    const connectPeers = async () => {
      const server = createTcpServer({ pauseOnConnect: true })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const accepted = once(server, 'connection') as Promise<[Socket]>
      const connection = await connectClient((server.address() as AddressInfo).port)
      const [reader] = await accepted
      const port = await listen('echo')
      const idle = connect(port, '127.0.0.1')
      await once(idle, 'connect')
      await desktop.page.evaluate(
        `window.wireloop.commands.send({ connection: ${connection}, data: new Uint8Array(${sentBytes}) })`,
      )
      const ending = (socket: Socket) =>
        new Promise<string>((resolve) => {
          socket.once('end', () => resolve('FIN'))
          socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
        })
      const endings = Promise.all([ending(idle), ending(reader)])
      idle.resume()
      let receivedBytes = 0
      reader.on('data', (data) => {
        receivedBytes += data.length
      })
      // A listener for data sets a socket flowing.
      reader.pause()
      return {
        endings,
        reader,
        receivedBytes: () => receivedBytes,
        /** Resolves when the app accepts nobody any more: it is leaving. */
        leaving: () => expect.poll(() => tryToConnect(port)).toBe('ECONNREFUSED'),
        dispose: () => {
          idle.destroy()
          reader.destroy()
          server.close()
        },
      }
    }

    it.each([
      ['the menu’s Quit', () => desktop.order({ order: 'quit' })],
      ['closing the window', () => void desktop.page.close()],
      ['SIGTERM', () => desktop.signal('SIGTERM')],
      ['SIGINT', () => desktop.signal('SIGINT')],
    ])('on %s: what was sent arrives, then every peer sees FIN, then the process ends', async (_case, leave) => {
      const peers = await connectPeers()
      leave()
      await peers.leaving()
      peers.reader.resume()
      expect(await peers.endings).toEqual(['FIN', 'FIN'])
      expect(peers.receivedBytes()).toBe(sentBytes)
      expect(await desktop.exited).toBe(0)
      peers.dispose()
    })

    it('but does not wait for ever: a peer that never reads is reset, and the process ends', async () => {
      const peers = await connectPeers()
      desktop.order({ order: 'quit' })
      expect(await desktop.exited).toBe(0)
      peers.reader.resume()
      expect(await peers.endings).toEqual(['FIN', 'ECONNRESET'])
      peers.dispose()
    })
  })
})
