// How a listener or client answers: messages, then rules or a script. Counterparts: answers.ts (the values),
// workbench/sheets/endpoint-sheet.tsx and replies-sheet.tsx, which hold them.
import { useTranslation } from 'react-i18next'
import type { EventDetails, Reply } from '../../preload/contract/vocabulary.ts'
import { Segmented } from '../ui/segmented.tsx'
import type { Answers } from './answers.ts'
import { FramingSection } from './framing-section.tsx'
import { framingValues } from './framing-values.ts'
import { RulesSection } from './rules-section.tsx'
import { ScriptSection } from './script-section.tsx'
import './replies.css'

export interface RepliesSectionProps {
  readonly value: Answers
  readonly plain: Reply
  readonly failed?: EventDetails['script-failed'] | null
  readonly failedSource?: string
  onChange(change: (held: Answers) => Answers): void
  onApply(): void
}

export const RepliesSection = ({
  value,
  plain,
  failed = null,
  failedSource = '',
  onChange,
  onApply,
}: RepliesSectionProps) => {
  const { t } = useTranslation()
  const change = (next: Partial<Answers>) => onChange((held) => ({ ...held, ...next }))
  return (
    <>
      <div className="sheet-section">
        <h3 className="replies-title">{t('replies.framing')}</h3>
        <FramingSection value={value.framing} onChange={(framing) => change({ framing })} />
      </div>
      <div className="sheet-section">
        <div className="replies-head">
          <h3 className="replies-title">{t('replies.section')}</h3>
          <Segmented
            label={t('replies.how')}
            value={value.how}
            choices={[
              { value: 'rules', text: t('replies.rules') },
              { value: 'script', text: t('replies.script') },
            ]}
            onChange={(how) => change({ how })}
          />
          {value.how === 'rules' ? <span className="field-help">{t('replies.rulesHelp')}</span> : null}
        </div>
        {value.how === 'rules' ? (
          <RulesSection rules={value.rules} plain={plain} onChange={(rules) => change({ rules })} />
        ) : (
          <ScriptSection
            script={value.script}
            failed={failed}
            failedSource={failedSource}
            onChange={(script) => change({ script })}
            onFraming={(framing) => change({ framing: framingValues(framing) })}
            onApply={onApply}
          />
        )}
      </div>
    </>
  )
}
