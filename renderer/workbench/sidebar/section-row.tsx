// The head of a section in the side bar: what it lists, how many, and the button that makes one more.
import { Plus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { EndpointRole } from '../../../preload/contract/vocabulary.ts'
import { viewStore } from '../../stores/view.ts'
import { useViewing } from '../../stores/viewing.ts'
import { Hint } from '../../ui/hint.tsx'
import { Kbd } from '../../ui/kbd.tsx'

const sectionKeys: Readonly<Record<EndpointRole, string>> = { listener: 'L', client: 'C', relay: 'R' }
const sectionNames = { listener: 'sidebar.listeners', client: 'sidebar.clients', relay: 'sidebar.relays' } as const
const newNames = { listener: 'sidebar.newListener', client: 'sidebar.newClient', relay: 'sidebar.newRelay' } as const

export const SectionRow = ({ kind, count }: { readonly kind: EndpointRole; readonly count: number }) => {
  const { t } = useTranslation()
  const live = useViewing((state) => state.file === null)
  return (
    <>
      <span className="side-section">
        {t(sectionNames[kind])} <span className="dim">{count}</span>
      </span>
      {live ? (
        <Hint text={t(newNames[kind])} shortcut={sectionKeys[kind]}>
          <button
            type="button"
            className="icon-button side-new"
            aria-label={t(newNames[kind])}
            onClick={() => viewStore.getState().openSheet(kind)}
          >
            <Kbd>{sectionKeys[kind]}</Kbd>
            <Plus size={14} aria-hidden="true" />
          </button>
        </Hint>
      ) : null}
    </>
  )
}
