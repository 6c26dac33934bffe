// Chooses the endpoint that a saved message or a sequence belongs to, or none. Counterparts: message-form.tsx,
// sequence-editor.tsx.
import { useTranslation } from 'react-i18next'
import { endpointKey, type SavedTarget } from '../../preload/contract/workspace.ts'
import { useEndpoints } from '../stores/endpoints.ts'
import { Choice } from '../ui/choice.tsx'
import { targetWords } from '../workbench/composer/saved.ts'

/** Stands for no target. */
const none = 'any'
const keyOf = ({ endpoint, side }: SavedTarget): string => `${side ?? ''} ${endpoint}`

export interface TargetChoiceProps {
  readonly value: SavedTarget | null
  onChange(target: SavedTarget | null): void
}

export const TargetChoice = ({ value, onChange }: TargetChoiceProps) => {
  const { t } = useTranslation()
  const endpoints = useEndpoints((state) => state.endpoints)
  const targets = new Map<string, SavedTarget>()
  for (const { spec } of endpoints.values())
    for (const side of spec.role === 'relay' ? (['downstream', 'upstream'] as const) : [null]) {
      const target = { endpoint: endpointKey(spec), side, name: spec.name }
      targets.set(keyOf(target), target)
    }
  // It may be of an endpoint that is not there in this session.
  if (value !== null && !targets.has(keyOf(value))) targets.set(keyOf(value), value)
  return (
    <div className="field">
      <span className="field-label">{t('library.target')}</span>
      <Choice
        label={t('library.target')}
        fieldSized
        value={value === null ? none : keyOf(value)}
        options={[
          { value: none, text: t('library.anyTarget') },
          ...[...targets].map(([key, target]) => ({
            value: key,
            text: target.side === null ? targetWords(target) : `${targetWords(target)}, ${target.side}`,
          })),
        ]}
        onChange={(key) => onChange(targets.get(key) ?? null)}
      />
    </div>
  )
}
