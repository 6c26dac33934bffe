// The list of keys, opened by `?`. Counterpart: keys.ts.
import { Dialog } from '@base-ui/react/dialog'
import { useTranslation } from 'react-i18next'
import { useView, viewStore } from '../stores/view.ts'
import { CloseButton } from '../ui/button.tsx'
import { Kbd } from '../ui/kbd.tsx'
import './shortcuts.css'

const groups = [
  {
    title: 'groupCreate',
    keys: [
      ['L', 'newListener'],
      ['C', 'newClient'],
      ['R', 'newRelay'],
      ['E', 'lessons'],
    ],
  },
  {
    title: 'groupMove',
    keys: [
      ['Ctrl 1 2 3', 'tabs'],
      ['F6', 'nextPane'],
      ['↑ ↓ ← →', 'inPane'],
      ['J', 'nextEvent'],
      ['K', 'previousEvent'],
      ['Ctrl F', 'find'],
      ['/', 'filter'],
      ['Enter', 'only'],
      ['N', 'match'],
      ['M', 'bookmark'],
      ['Shift F10', 'menu'],
      ['Del', 'kill'],
      ['Esc', 'escape'],
    ],
  },
  {
    title: 'groupView',
    keys: [
      ['Ctrl O', 'captures'],
      ['Ctrl E', 'export'],
      ['Y', 'copyAs'],
      ['P', 'pauseView'],
      ['End', 'follow'],
      ['F', 'fit'],
      ['+ −', 'zoom'],
      ['← →', 'pan'],
      ['?', 'thisList'],
    ],
  },
  {
    title: 'groupLoop',
    keys: [
      ['G', 'crossOver'],
      ['B', 'longest'],
      ['Space', 'play'],
      [', .', 'stepCallback'],
      ['Shift , .', 'stepIteration'],
      ['W', 'squeeze'],
      ['O', 'ownWork'],
    ],
  },
  {
    title: 'groupLessons',
    keys: [
      [', .', 'lessonStep'],
      ['Shift , .', 'stepIteration'],
      ['Space', 'play'],
      ['PgUp PgDn', 'lessonChoose'],
      ['E', 'lessonEdit'],
      ['Ctrl Enter', 'lessonRun'],
      ['X Z', 'lessonAgain'],
      ['Ctrl + −', 'lessonSize'],
      ['[', 'lessonList'],
    ],
  },
  {
    title: 'groupSend',
    keys: [
      ['S', 'message'],
      ['Ctrl Enter', 'send'],
      ['Alt ↑ ↓', 'history'],
      ['1 – 9', 'sendSaved'],
      ['V', 'library'],
      ['X', 'sendAgain'],
      ['T', 'sendTo'],
    ],
  },
  {
    title: 'groupRelay',
    keys: [
      ['Enter E', 'relayOpen'],
      ['I', 'relayIntercept'],
      ['A', 'relayAddFault'],
      ['Alt ↑ ↓', 'relayMoveFault'],
      ['Space', 'relaySwitchFault'],
      ['Ctrl Enter', 'relaySave'],
      ['Enter', 'relayForward'],
      ['Shift Enter', 'relayForwardAll'],
      ['Del Ctrl Z', 'relayDrop'],
    ],
  },
] as const

export const Shortcuts = () => {
  const { t } = useTranslation()
  const open = useView((state) => state.shortcutsOpen)
  return (
    <Dialog.Root open={open} onOpenChange={(next) => viewStore.getState().setShortcutsOpen(next)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="veil" />
        <Dialog.Popup className="dialog">
          <header className="sheet-head">
            <Dialog.Title className="sheet-title">{t('keys.title')}</Dialog.Title>
            <Kbd>Esc</Kbd>
            <Dialog.Close render={<CloseButton label={t('word.close')} />} />
          </header>
          <div className="shortcuts scroll">
            {groups.map((group) => (
              <section key={group.title}>
                <h3>{t(`keys.${group.title}`)}</h3>
                <dl>
                  {group.keys.map(([keys, what]) => (
                    <div key={what}>
                      <dt>{t(`keys.${what}`)}</dt>
                      <dd className="kbd">{keys}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
          <Dialog.Description className="shortcuts-help">{t('keys.help')}</Dialog.Description>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
