// The sheet with how one listener or client answers, while it works: what is applied holds for the next message, and open
// connections stay up. Counterparts: replies-section.tsx, answers.ts; a new endpoint's sheet has the same section.
import { Dialog } from '@base-ui/react/dialog'
import { MessageSquareReply } from 'lucide-react'
import { type KeyboardEvent, type RefObject, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EndpointId } from '../../preload/contract/vocabulary.ts'
import { useCommands } from '../link/link.ts'
import { endpointsStore, useEndpoints } from '../stores/endpoints.ts'
import { useView, viewStore } from '../stores/view.ts'
import { Button, CloseButton } from '../ui/button.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { ErrorMark } from '../ui/marks.tsx'
import { type Answers, answersOf, areAnswersRight, saying, withAnswers } from './answers.ts'
import { keptScripts } from './kept-scripts.ts'
import { RepliesSection } from './replies-section.tsx'

interface BodyProps {
  readonly id: EndpointId
  /** Says whether closing would lose nothing; the first try is then told. */
  readonly guard: RefObject<() => boolean>
  close(): void
}

const Body = ({ id, guard, close }: BodyProps) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const endpoint = useEndpoints((state) => state.endpoints.get(id))
  const [answers, setAnswers] = useState<Answers>(() =>
    answersOf(endpointsStore.getState().endpoints.get(id)?.spec, keptScripts.of(id)),
  )
  /** What was typed last, also where it is not drawn yet: applying takes what the person sees in the editor. */
  const latest = useRef(answers)
  const change = (update: (held: Answers) => Answers) => {
    latest.current = update(latest.current)
    setAnswers(latest.current)
  }
  /** What was applied last; null for what the endpoint came with. */
  const [applied, setApplied] = useState<Answers>(answers)
  const [pending, setPending] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [told, setTold] = useState<'applied' | 'unsaved' | null>(null)
  const body = useRef<HTMLDivElement>(null)
  const dirty = useMemo(() => answers !== applied && saying(answers) !== saying(applied), [answers, applied])
  useEffect(() => {
    guard.current = () => {
      if (!dirty || told === 'unsaved') return true
      setTold('unsaved')
      return false
    }
  })

  const apply = async () => {
    if (pending || endpoint === undefined) return
    const typed = latest.current
    if (!areAnswersRight(typed)) {
      requestAnimationFrame(() => body.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())
      return
    }
    setPending(true)
    const result = await commands.updateEndpoint({ endpoint: id, spec: withAnswers(endpoint.spec, typed) })
    setPending(false)
    if (result.ok) {
      endpointsStore.getState().takeEndpoint(result.value)
      keptScripts.keep(id, typed.script)
      setApplied(typed)
      setTold('applied')
    }
    setProblem(result.ok ? null : result.failure.message)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    event.stopPropagation()
    void apply()
  }

  const spec = endpoint?.spec
  const running = endpoint?.state === 'live' || endpoint?.state === 'starting'
  const words =
    endpoint === undefined
      ? t('replies.gone')
      : told === 'unsaved' && dirty
        ? t('replies.footUnsaved')
        : told === 'applied' && !dirty
          ? t(running ? 'replies.footSaved' : 'replies.footSavedResting')
          : t(running ? 'replies.footLive' : 'replies.footResting')
  return (
    <div ref={body} className="sheet-form" tabIndex={-1} onKeyDownCapture={onKeyDown}>
      <header className="sheet-head">
        <MessageSquareReply size={16} aria-hidden="true" />
        <Dialog.Title className="sheet-title">{t('replies.title', { name: spec?.name ?? '' })}</Dialog.Title>
        <span className="grow" />
        <Kbd>Esc</Kbd>
        <Dialog.Close render={<CloseButton label={t('word.close')} />} />
      </header>
      <div className="sheet-body scroll">
        <RepliesSection
          value={answers}
          plain={spec?.role === 'listener' ? spec.reply : 'discard'}
          failed={endpoint?.scriptFailed ?? null}
          failedSource={spec !== undefined && spec.role !== 'relay' ? (spec.script?.source ?? '') : ''}
          onChange={change}
          onApply={() => void apply()}
        />
      </div>
      {problem === null ? null : (
        <p className="field-error sheet-problem" role="alert">
          <ErrorMark />
          <span>{problem}</span>
        </p>
      )}
      <footer className="sheet-foot">
        <span className="grow" role="status">
          {words}
        </span>
        <Button weight="quiet" large onClick={close}>
          {t(dirty ? 'replies.cancel' : 'replies.close')}
        </Button>
        <Button
          weight="primary"
          large
          aria-disabled={pending || endpoint === undefined || !areAnswersRight(answers)}
          onClick={() => void apply()}
        >
          {t(pending ? 'replies.applying' : 'replies.apply')}
          <Kbd>Ctrl Enter</Kbd>
        </Button>
      </footer>
    </div>
  )
}

export const RepliesSheet = () => {
  const wanted = useView((state) => state.replies)
  const { showReplies } = viewStore.getState()
  // What it was about stays while it moves out of sight.
  const [shown, setShown] = useState<{ readonly id: EndpointId; readonly opened: number } | null>(null)
  const [last, setLast] = useState<EndpointId | null>(null)
  if (wanted !== last) {
    setLast(wanted)
    if (wanted !== null) setShown({ id: wanted, opened: (shown?.opened ?? 0) + 1 })
  }
  const popup = useRef<HTMLDivElement>(null)
  const guard = useRef(() => true)
  return (
    <Dialog.Root
      open={wanted !== null}
      onOpenChange={(open, details) => {
        if (open) return
        if (guard.current()) showReplies(null)
        else details.cancel()
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="veil" />
        <Dialog.Popup
          ref={popup}
          className="sheet replies"
          initialFocus={() => popup.current?.querySelector<HTMLElement>('.choice') ?? true}
        >
          {shown === null ? null : (
            <Body key={shown.opened} id={shown.id} guard={guard} close={() => showReplies(null)} />
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
