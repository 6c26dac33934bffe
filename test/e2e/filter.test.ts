// Filter, bookmarks, highlights, decoders and messages as a person uses them, by keyboard wherever there are keys.
// Counterparts: renderer/workbench/event-table, renderer/highlights, renderer/bookmarks, renderer/decoders, renderer/messages.
import { once } from 'node:events'
import { connect } from 'node:net'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { openPage } from '../serve/served.ts'
import { describeInChromium } from '../support/describe-in-chromium.ts'
import { expectOk } from '../support/engine.ts'
import { eventGrid, openServedWorkbench, rowsWith } from './support/served-workbench.ts'

/** A listener that answers nothing and whose streams are cut into lines; answers its port. */
const listenForLines = async (address: string): Promise<number> => {
  const url = new URL(address)
  const token = url.searchParams.get('token') ?? ''
  const served = { url, port: Number(url.port), token, warnings: [], dispose: async () => undefined }
  const other = await openPage(served)
  const spec = {
    role: 'listener',
    name: 'lines',
    host: '127.0.0.1',
    port: 0,
    reply: 'discard',
    greeting: new Uint8Array(0),
    framing: { kind: 'line' },
  } as const
  const { local } = expectOk(await other.ask('createEndpoint', { spec }))
  await other.dispose()
  return local!.port
}

/** Sends chunks one after the other, each once the one before has been read: each is a row of the table. */
const send = async (page: Page, port: number, chunks: readonly string[]) => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  for (const chunk of chunks) {
    const before = await received(page)
    socket.write(chunk)
    await expect.poll(() => received(page)).toBe(before + 1)
  }
  socket.end()
  await once(socket, 'close')
}
const received = async (page: Page): Promise<number> =>
  (await rowsWith(page, () => true)).filter(({ kind }) => kind === 'data-received').length

const field = (page: Page) => page.getByRole('combobox', { name: 'Filter' })
const add = async (page: Page, text: string) => {
  await field(page).fill(text)
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('Enter')
}
const count = (page: Page) => page.locator('.filter-count')
const rowCount = async (page: Page): Promise<number> => Number(await eventGrid(page).getAttribute('aria-rowcount')) - 1
const inspector = (page: Page) => page.getByRole('complementary', { name: 'Inspector' })
const title = (page: Page) => inspector(page).getByRole('heading', { level: 2 })

const violations = async (page: Page): Promise<string[]> => {
  const { violations: found } = await new AxeBuilder({ page }).analyze()
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}

const json = '{"id":12345678901234567890,"ok":[true]}'

describeInChromium('The filter and what stands around it', () => {
  it('finds by typed terms, marks, names, highlights and bookmarks', async () => {
    const { page, url, complaints } = await openServedWorkbench()
    const port = await listenForLines(url)
    await eventGrid(page).waitFor()
    await send(page, port, ['hello\nwor', 'ld\nfoo\n', json, 'PONG\n'])
    // listener-started, connection-made, four chunks, eof-received, connection-lost
    await expect.poll(() => rowCount(page)).toBe(8)

    // A term is proposed, completed and added; what does not match stays, dimmed.
    await field(page).fill('siz')
    await page.getByRole('option', { name: 'size>' }).waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => field(page).inputValue()).toBe('size>')
    await page.keyboard.type('5')
    await page.getByRole('option', { name: 'size>5' }).waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => count(page).textContent()).toBe('3 of 8')
    expect(await rowCount(page)).toBe(8)
    expect(await page.locator('.event-row[data-dimmed]').count()).toBe(5)

    // A bad regular expression says why, and the last good filter stays.
    await field(page).fill('/(/')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'no regular expression' }).waitFor()
    expect(await count(page).textContent()).toBe('3 of 8')
    await page.keyboard.press('Backspace')
    await expect.poll(() => page.getByRole('alert').count()).toBe(0)
    await add(page, '/[a-z]+\\n/')
    await expect.poll(() => count(page).textContent()).toBe('2 of 8')
    await page.keyboard.press('Enter')
    await expect.poll(() => rowCount(page)).toBe(2)
    await page.keyboard.press('Enter')
    await expect.poll(() => rowCount(page)).toBe(8)

    // N walks the matches, M marks, the note is written in the inspector, and the filter finds it.
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.keyboard.press('n')
    await expect.poll(() => title(page).textContent()).toContain('#3')
    await page.keyboard.press('n')
    await expect.poll(() => title(page).textContent()).toContain('#4')
    await page.keyboard.press('m')
    await inspector(page).getByRole('textbox', { name: 'Note' }).fill('look here')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Shift+N')
    await expect.poll(() => title(page).textContent()).toContain('#3')
    await add(page, 'marked:look')
    await expect.poll(() => count(page).textContent()).toBe('1 of 8')

    // It is named and highlighted, and both are there after a reload; so is the bookmark.
    await page.getByRole('button', { name: 'Saved filters and highlights' }).click()
    await page.getByRole('button', { name: 'Highlight this filter' }).click()
    await page.getByRole('textbox', { name: 'Name of this filter' }).fill('mine')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Use mine' }).waitFor()
    await page.getByText('1 events').waitFor()
    expect(await violations(page)).toEqual([])
    await page.reload()
    await eventGrid(page).waitFor()
    await expect.poll(() => page.locator('.row-highlight').count()).toBe(1)
    await page.getByRole('button', { name: 'Saved filters and highlights' }).click()
    await page.getByRole('button', { name: 'Use mine' }).click()
    await expect.poll(() => count(page).textContent()).toBe('1 of 8')
    await page.getByRole('button', { name: 'Bookmarks, 1' }).click()
    await page.getByRole('button', { name: 'Event 4', exact: true }).click()
    await expect.poll(() => title(page).textContent()).toContain('#4')
    expect(await inspector(page).getByRole('textbox', { name: 'Note' }).inputValue()).toBe('look here')
    expect(complaints).toEqual([])
  })

  it('shows payloads decoded, where messages begin, and the messages themselves', async () => {
    const { page, url, complaints } = await openServedWorkbench()
    const port = await listenForLines(url)
    await eventGrid(page).waitFor()
    await send(page, port, ['hello\nwor', 'ld\nfoo\n', json])
    await expect.poll(() => rowCount(page)).toBe(7)

    // The second chunk ends a message, and another one begins in it.
    const goTo = page.getByRole('textbox', { name: 'Go to' })
    await goTo.fill('#4')
    await page.keyboard.press('Enter')
    await expect.poll(() => inspector(page).locator('.dump .frame').allTextContents()).toEqual(['66  6F 6F'])
    await inspector(page).getByText('1 message begins in this chunk').waitFor()

    // The decoder is found by itself; a field's bytes stand out in the dump, and a byte's field in the tree.
    await goTo.fill('#5')
    await page.keyboard.press('Enter')
    await inspector(page).getByRole('button', { name: 'JSON', exact: true }).click()
    const tree = inspector(page).getByRole('tree')
    await tree.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await expect
      .poll(() => inspector(page).locator('[role=treeitem][aria-selected=true]').textContent())
      .toBe('id12345678901234567890')
    const linked = (await inspector(page).locator('.dump .linked').allTextContents()).join('')
    expect(linked.replaceAll(/\s/g, '')).toBe(Buffer.from('"id":12345678901234567890').toString('hex').toUpperCase())
    await inspector(page)
      .getByRole('group', { name: /^Bytes/ })
      .focus()
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => inspector(page).locator('[role=treeitem][aria-selected=true]').textContent()).toBe('0true')
    await inspector(page).getByRole('button', { name: 'Hex', exact: true }).click()
    await inspector(page).getByRole('table').getByRole('row', { name: 'u8' }).waitFor()

    // Messages, over the chunks that they came in.
    await page.getByRole('button', { name: 'Messages', exact: true }).click()
    const grid = page.getByRole('grid', { name: 'Messages' })
    const told = () =>
      grid
        .locator('[role=rowgroup] [role=row]')
        .evaluateAll((rows) =>
          rows.map((row) => [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent)),
        )
    await expect
      .poll(async () => (await told()).map((cells) => [cells[0], cells[4], cells[5]]))
      .toEqual([
        ['3', '1', '6'],
        ['3', '2', '6'],
        ['4', '1', '4'],
        ['5', '1', String(json.length)],
      ])
    await grid.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => title(page).textContent()).toContain('#3')
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Chunks', exact: true }).click()
    await expect.poll(() => page.locator('.event-row[data-in-message]').count()).toBe(2)
    expect(complaints).toEqual([])
  })
})
