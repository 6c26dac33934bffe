// A page's commands about captures: which one it looks at, and what it asks of that one and of the others.
// Counterparts: page-session.ts (checks them first), page-source.ts (the two things to look at), archive/ (does them).
import {
  type CaptureCommands,
  type CaptureFileInfo,
  type ReadCommandName,
  readCommandNames,
} from '../preload/contract/captures.ts'
import { fail, ok, type Result } from '../preload/contract/failure.ts'
import type { Archive } from './archive/archive.ts'
import { fileSource, liveSource, type PageSource } from './page-source.ts'
import type { Workbench } from './workbench.ts'

/** What one page looks at. */
export interface PageView {
  readonly source: PageSource
  /** Looks at something else; the view owns it from now on. */
  show(source: PageSource): void
  /** A search of this page began, or ended. */
  searching(search: number, running: boolean): void
  dispose(): void
}

/** `changed` is called when the page looks at something else. */
export const createPageView = (workbench: Workbench, changed: () => void): PageView => {
  // The reader that the workbench was started with is every page's.
  let source =
    workbench.opened === null ? liveSource(workbench) : fileSource({ ...workbench.opened, dispose: () => undefined })
  const searches = new Set<number>()
  const leave = () => {
    for (const search of searches) void source.ask('cancelSearch', { search })
    searches.clear()
    source.dispose()
  }
  return {
    get source() {
      return source
    },
    show(next) {
      leave()
      source = next
      changed()
    },
    searching(search, running) {
      if (running) searches.add(search)
      else searches.delete(search)
    },
    dispose: leave,
  }
}

type CaptureHandlers = {
  [K in keyof CaptureCommands]: (args: CaptureCommands[K]['args']) => Promise<Result<CaptureCommands[K]['value']>>
}

const noArchive: Result<never> = fail('wrong-state', 'This Wireloop records to memory and keeps no capture files')

export const captureCommands = (workbench: Workbench, view: PageView): CaptureHandlers => {
  const { archive, dialogs } = workbench
  const withArchive =
    <A, V>(run: (archive: Archive, args: A) => Promise<Result<V>>) =>
    async (args: A): Promise<Result<V>> =>
      archive === null ? noArchive : run(archive, args)

  const look = async (from: Archive, info: CaptureFileInfo): Promise<Result<CaptureFileInfo>> => {
    const reader = await from.open(info.id)
    if (!reader.ok) return reader
    view.show(fileSource(reader.value))
    return ok(info)
  }

  const read = <K extends ReadCommandName>(name: K) => ({
    [name]: (args: CaptureCommands[K]['args']) => view.source.ask(name, args),
  })
  const readings = Object.assign({}, ...readCommandNames.map(read)) as Pick<CaptureHandlers, ReadCommandName>

  return {
    ...readings,
    async startSearch(args) {
      const { source } = view
      const started = await source.ask('startSearch', args)
      if (!started.ok) return started
      // The page may look at something else by now.
      if (view.source === source) view.searching(started.value, true)
      else void source.ask('cancelSearch', { search: started.value })
      return started
    },
    async continueSearch(args) {
      const progress = await view.source.ask('continueSearch', args)
      if (!progress.ok || progress.value.done) view.searching(args.search, false)
      return progress
    },
    listCaptures: withArchive((from) => from.list()),
    openCapture: withArchive(async (from, { capture }) => {
      const listed = await from.list()
      if (!listed.ok) return listed
      const info = listed.value.find(({ id }) => id === capture)
      return info === undefined ? fail('not-found', 'There is no such capture any more') : look(from, info)
    }),
    chooseCapture: withArchive(async (from) => {
      if (dialogs === null)
        return fail('refused', 'Files are chosen in the desktop app; elsewhere “wireloop open FILE” opens one')
      const path = await dialogs.chooseCapture()
      if (path === null) return ok(null)
      const known = await from.know(path)
      return known.ok ? look(from, known.value) : known
    }),
    viewLive: async () => {
      if (view.source.file !== null) view.show(liveSource(workbench))
      return ok(null)
    },
    saveCapture: withArchive(async (from, { capture, name }): Promise<Result<CaptureFileInfo | null>> => {
      if (dialogs === null) return from.save(capture, { name })
      const path = await dialogs.choosePlace(name)
      return path === null ? ok(null) : from.save(capture, { path })
    }),
    deleteCapture: withArchive((from, { capture }) => from.delete(capture)),
    compactCapture: withArchive((from, { capture }) => from.compact(capture)),
    checkCapture: withArchive((from, { capture }) => from.check(capture)),
    recording: withArchive(async (from) => ok(from.recording())),
    setCaptureLimits: withArchive((from, { limits }) => from.setLimits(limits)),
  }
}
