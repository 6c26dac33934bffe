// The main job in real Chromium by mouse, as the fifth acceptance tells it: first run, listener, client,
// `Hello World!`, kill; and the same through a relay, with a message injected upstream.
import { expect, it } from 'vitest'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { connectClient } from './support/main-job.ts'
import {
  boundPort,
  composerReady,
  eventGrid,
  inspectorFacts,
  openServedWorkbench,
  rowsWith,
  stories,
  tableRows,
} from './support/served-workbench.ts'

/** High enough for every event of a test to be on the screen at once. */
const tall = 2000

describeInChromium('The workbench, by mouse', () => {
  it('goes from the first run over “Hello World!” to a connection killed, with every event and its cause shown', async () => {
    const { page, complaints } = await openServedWorkbench()
    await page.getByRole('textbox', { name: 'Listening address' }).fill('127.0.0.1:0')
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    const port = await boundPort(page, 'Echo')
    await connectClient(page, port)
    await composerReady(page)
    await page.getByRole('textbox', { name: 'Message' }).fill('Hello World!')
    await page.getByRole('button', { name: 'Send' }).click()

    const hello = (rows: readonly { payload: string }[]) =>
      rows.filter(({ payload }) => payload === 'Hello World!').length
    const before = await rowsWith(page, (rows) => hello(rows) === 4)
    const told = stories(before)
    const accepted = before.find(({ endpoint, connection }) => endpoint === 'Echo' && connection !== null)!.connection!
    const opened = before.find(({ kind }) => kind === 'connection-started')!.connection!
    expect(told.get(opened)).toEqual([
      'connection-started',
      'connection-made',
      'data-sent Hello World!',
      'data-received Hello World!',
    ])
    expect(told.get(accepted)).toEqual(['connection-made', 'data-received Hello World!', 'data-sent Hello World!'])

    const connection = page.getByRole('row', { name: `Connection ${accepted}`, exact: true })
    await connection.hover()
    await connection.getByRole('button', { name: `Kill connection ${accepted} (reset)` }).click()
    const after = await rowsWith(page, (rows) => rows.filter(({ kind }) => kind === 'connection-lost').length === 2)
    const lost = (id: number) => after.find((row) => row.connection === id && row.kind === 'connection-lost')!
    expect(lost(accepted).payload).toMatch(/^RST by us/)
    expect(lost(opened).payload).toMatch(/^RST by peer \(ECONNRESET\)/)

    await eventGrid(page).getByRole('row').filter({ hasText: 'RST by peer' }).click()
    await expect
      .poll(() => inspectorFacts(page))
      .toMatchObject({
        Cause: expect.stringContaining('reset-by-peer'),
        Error: expect.stringContaining('ECONNRESET'),
      })
    expect(complaints).toEqual([])
  })

  it('shows both sides of a relay, and what is injected into it on its way', async () => {
    const { page, complaints } = await openServedWorkbench(tall)
    await page.getByRole('textbox', { name: 'Listening address' }).fill('127.0.0.1:0')
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    const upstreamPort = await boundPort(page, 'Echo')

    await page.getByRole('button', { name: 'New relay' }).first().click()
    const sheet = page.getByRole('dialog')
    await sheet.getByLabel('Name').fill('middle')
    await sheet.getByLabel('Port', { exact: true }).fill('0')
    await sheet.getByLabel('Upstream host').fill('127.0.0.1')
    await sheet.getByLabel('Upstream port').fill(String(upstreamPort))
    await sheet.getByRole('button', { name: 'Start' }).click()
    const port = await boundPort(page, 'middle')
    await connectClient(page, port)
    await rowsWith(page, (rows) => rows.filter(({ kind }) => kind === 'connection-made').length === 4)

    const send = async (target: RegExp, text: string) => {
      await page.getByRole('combobox', { name: 'Send to' }).click()
      await page.getByRole('option', { name: target }).click()
      await composerReady(page)
      await page.getByRole('textbox', { name: 'Message' }).fill(text)
      await page.getByRole('button', { name: 'Send' }).click()
    }
    await send(/^\d+ client/, 'Hello World!')
    // Out and back again through both halves of the relay: eight times read or written.
    await rowsWith(page, (rows) => rows.filter(({ payload }) => payload === 'Hello World!').length === 8)
    await send(/→ upstream/, 'injected')
    const rows = await rowsWith(page, (all) => all.filter(({ payload }) => payload === 'injected').length === 6)

    const told = stories(rows)
    const numbers = (endpoint: string) => [
      ...new Set(
        rows.filter((row) => row.endpoint === endpoint && row.connection !== null).map((row) => row.connection!),
      ),
    ]
    const [client] = numbers('client')
    const [accepted] = numbers('Echo')
    const upstream = rows.find(({ endpoint, kind }) => endpoint === 'middle' && kind === 'connection-started')!
      .connection!
    const downstream = numbers('middle').find((number) => number !== upstream)!
    const data = (id: number | undefined) => told.get(id!)?.filter((event) => event.startsWith('data-'))
    expect(data(client)).toEqual(['data-sent Hello World!', 'data-received Hello World!', 'data-received injected'])
    expect(data(downstream)).toEqual(['data-received Hello World!', 'data-sent Hello World!', 'data-sent injected'])
    expect(data(upstream)).toEqual([
      'data-sent Hello World!',
      'data-received Hello World!',
      'data-sent injected',
      'data-received injected',
    ])
    expect(data(accepted)).toEqual([
      'data-received Hello World!',
      'data-sent Hello World!',
      'data-received injected',
      'data-sent injected',
    ])

    // A reset at one end goes through to the other.
    const row = page.getByRole('row', { name: `Connection ${accepted}`, exact: true })
    await row.hover()
    await row.getByRole('button', { name: /^Kill/ }).click()
    const ended = await rowsWith(page, (all) => all.filter(({ kind }) => kind === 'connection-lost').length === 4)
    const causes = ended
      .filter(({ kind }) => kind === 'connection-lost')
      .map(({ connection, payload }) => [
        connection,
        payload
          .split(/[ ,(]+/)
          .slice(0, 3)
          .join(' '),
      ])
    expect(Object.fromEntries(causes)).toEqual({
      [accepted!]: 'RST by us',
      [upstream]: 'RST by peer',
      [downstream]: 'RST by us',
      [client!]: 'RST by peer',
    })
    expect((await tableRows(page)).every(({ payload }) => !payload.includes('undefined'))).toBe(true)
    expect(complaints).toEqual([])
  })
})
