// The top 44 px: what this is, which view, whether it records, what the capture holds, and the page's own choices. The
// window's own frame has the window buttons. Counterpart: app.tsx, whose tab panels the tabs switch.
import { Tabs } from '@base-ui/react/tabs'
import { Archive, Keyboard, Monitor, Moon, PanelLeft, Pause, Play, Sun } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMemoryReason } from '../../capture/memory-notice.tsx'
import { useLink } from '../../link/link.ts'
import { LoopPill } from '../../loop/pill.tsx'
import { useCapture, useEngine } from '../../stores/capture.ts'
import { useEndpoints } from '../../stores/endpoints.ts'
import { useLinkStatus } from '../../stores/link-status.ts'
import { useLogCounts } from '../../stores/log-counts.ts'
import { noticeStore } from '../../stores/notice.ts'
import { selectionStore, useSelection } from '../../stores/selection.ts'
import { settingsStore, themeChoices, useSettings } from '../../stores/settings.ts'
import { useView, viewStore, views } from '../../stores/view.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { formatCount, formatSize } from '../../ui/format.ts'
import { Hint } from '../../ui/hint.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { AppMark } from '../../ui/marks.tsx'
import { ActionMenu } from '../action-menu.tsx'
import './title-bar.css'

const Recording = () => {
  const { t } = useTranslation()
  const running = useEngine((state) => state.running)
  const phase = useLinkStatus((state) => state.phase)
  const idle = useEndpoints((state) => state.endpoints.size === 0)
  const nothing = useLogCounts((state) => state.count === 0)
  const memoryOnly = useMemoryReason() !== null
  const state = phase !== 'ready' ? 'unreached' : !running ? 'off' : idle && nothing ? 'ready' : 'on'
  const words = {
    unreached: 'app.notConnected',
    off: 'app.notRecording',
    ready: 'app.readyToRecord',
    on: 'app.recording',
  } as const
  return (
    <span className="recording" role="status">
      <span className={`recording-dot ${state}`} aria-hidden="true" />
      <span className="recording-words">{t(state === 'on' && memoryOnly ? 'capture.memoryWord' : words[state])}</span>
    </span>
  )
}

/** Stops and starts drawing. While it stands still it counts what came meanwhile. */
const PauseView = () => {
  const { t } = useTranslation()
  const paused = useSelection((state) => state.viewPaused)
  const nextSeq = useLogCounts((state) => state.nextSeq)
  const [pausedAt, setPausedAt] = useState<number | null>(null)
  if (paused && pausedAt === null) setPausedAt(nextSeq)
  if (!paused && pausedAt !== null) setPausedAt(null)
  const fresh = paused && pausedAt !== null ? nextSeq - pausedAt : 0
  return (
    <button
      type="button"
      className={paused ? 'button raised pause on' : 'button quiet pause'}
      aria-pressed={paused}
      onClick={() => selectionStore.getState().setViewPaused(!paused)}
    >
      {paused ? <Play size={14} aria-hidden="true" /> : <Pause size={14} aria-hidden="true" />}
      <span className="pause-words">
        {paused
          ? fresh === 0
            ? t('app.resumeViewNone')
            : t('app.resumeView', { fresh: formatCount(fresh) })
          : t('app.pauseView')}
      </span>
      <Kbd>P</Kbd>
    </button>
  )
}

const EnginePill = () => {
  const { t } = useTranslation()
  const { commands } = useLink()
  const running = useEngine((state) => state.running)
  const message = useEngine((state) => state.message)
  const capture = useCapture((state) => state.capture)
  const [restarting, setRestarting] = useState(false)
  if (!running)
    return (
      <span className="pill stopped" role="status" title={message}>
        <span>{t('app.loopStopped')}</span>
        <Button
          weight="raised"
          className="pill-button"
          disabled={restarting}
          onClick={() => {
            setRestarting(true)
            void commands
              .restartEngine(null)
              .then((result) => noticeStore.getState().report(result))
              .finally(() => setRestarting(false))
          }}
        >
          {restarting ? t('app.restarting') : t('app.restart')}
        </Button>
      </span>
    )
  if (capture === null) return null
  const kept = capture.nextSeq - capture.firstSeq
  const full = Math.min(1, capture.storedBytes / capture.limitBytes)
  return (
    <Hint
      text={t('app.capturePill', { stored: formatSize(capture.storedBytes), limit: formatSize(capture.limitBytes) })}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its tooltip says what the numbers mean, by keyboard too. */}
      <span className="pill" tabIndex={0} role="status">
        <span className="pill-gauge" aria-hidden="true">
          <span style={{ width: `${Math.max(full > 0 ? 4 : 0, full * 100)}%` }} />
        </span>
        <span>
          <span className="data strong">{formatCount(kept)}</span> {t('app.eventsKept', { count: kept })}
        </span>
        {capture.droppedEvents === 0 ? null : (
          <span className="pill-dropped">
            <span className="data strong">{formatCount(capture.droppedEvents)}</span> {t('app.eventsDropped')}
          </span>
        )}
      </span>
    </Hint>
  )
}

const themeIcons = { system: Monitor, dark: Moon, light: Sun } as const
const themeNames = { system: 'app.themeSystem', dark: 'app.themeDark', light: 'app.themeLight' } as const

const ThemeSwitch = () => {
  const { t } = useTranslation()
  const choice = useSettings((state) => state.themeChoice)
  const Icon = themeIcons[choice]
  return (
    <ActionMenu
      trigger={
        <IconButton label={`${t('app.theme')}: ${t(themeNames[choice])}`} wide>
          <Icon size={16} aria-hidden="true" />
        </IconButton>
      }
      groups={[
        {
          title: t('app.theme'),
          entries: themeChoices.map((candidate) => {
            const CandidateIcon = themeIcons[candidate]
            return {
              id: candidate,
              icon: <CandidateIcon size={14} aria-hidden="true" />,
              text: t(themeNames[candidate]),
              chosen: candidate === choice,
              run: () => settingsStore.getState().chooseTheme(candidate),
            }
          }),
        },
      ]}
    />
  )
}

/** A thin line under the title bar while recorded events come in, once that takes long enough to be noticed. */
const Progress = () => {
  const { t } = useTranslation()
  const until = useLinkStatus((state) => state.loadingUntilSeq)
  const connecting = useLinkStatus((state) => state.phase === 'connecting')
  const first = useLogCounts((state) => state.firstSeq)
  const next = useLogCounts((state) => state.nextSeq)
  const waiting = connecting || until !== null
  const [shown, setShown] = useState(false)
  useEffect(() => {
    if (!waiting) {
      setShown(false)
      return
    }
    const timer = setTimeout(() => setShown(true), 300)
    return () => clearTimeout(timer)
  }, [waiting])
  if (!waiting || !shown) return null
  const done = until === null || until <= first ? 0 : (next - first) / (until - first)
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={connecting ? t('connectionToApp.connecting') : t('app.loading')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(done * 100)}
    >
      <span style={{ width: `${Math.max(8, done * 100)}%` }} />
    </div>
  )
}

export const TitleBar = ({ sidebarInDrawer }: { readonly sidebarInDrawer: boolean }) => {
  const { t } = useTranslation()
  const drawerOpen = useView((state) => state.drawerOpen)
  return (
    <header className="title-bar">
      <div className="title-name">
        {sidebarInDrawer ? (
          <IconButton
            label={t('app.showSidebar')}
            wide
            aria-expanded={drawerOpen}
            onClick={() => viewStore.getState().setDrawerOpen(!drawerOpen)}
          >
            <PanelLeft size={16} aria-hidden="true" />
          </IconButton>
        ) : null}
        <AppMark size={18} />
        <h1>{t('app.name')}</h1>
      </div>
      <Tabs.List className="seg tabs" aria-label={t('app.tabs')}>
        {views.map((view) => (
          <Tabs.Tab key={view} value={view} className="seg-item tab">
            {t(`app.${view}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Recording />
      <PauseView />
      <span className="title-space" />
      <LoopPill />
      <EnginePill />
      <span className="title-icons">
        <IconButton
          label={t('capture.open')}
          shortcut="Ctrl O"
          wide
          onClick={() => viewStore.getState().setCapturesOpen(true)}
        >
          <Archive size={16} aria-hidden="true" />
        </IconButton>
        <ThemeSwitch />
        <IconButton
          label={t('app.shortcuts')}
          shortcut="?"
          wide
          onClick={() => viewStore.getState().setShortcutsOpen(true)}
        >
          <Keyboard size={16} aria-hidden="true" />
        </IconButton>
      </span>
      <Progress />
    </header>
  )
}
