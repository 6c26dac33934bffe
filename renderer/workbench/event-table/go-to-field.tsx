// “Go to”: an event by its number, or a moment by its time. Counterpart: event-log/go-to.ts, which reads and does it.
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { goTo, parseTarget } from '../../event-log/go-to.ts'
import { useCommands } from '../../link/link.ts'

export const GoToField = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const [text, setText] = useState('')
  const [wrong, setWrong] = useState('')
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const target = parseTarget(text)
    if (target === null) {
      setWrong(t('search.goToBad'))
      return
    }
    setWrong((await goTo(target, commands.seekTime)) === null ? t('search.goToNone') : '')
  }
  return (
    <form className="go-to" onSubmit={(event) => void submit(event)}>
      <input
        className="go-to-input data"
        aria-label={t('search.goTo')}
        placeholder={t('search.goToHint')}
        spellCheck={false}
        autoComplete="off"
        value={text}
        aria-invalid={wrong !== ''}
        onChange={(event) => {
          setText(event.target.value)
          setWrong('')
        }}
      />
      {wrong === '' ? null : (
        <span className="bar-error" role="alert">
          {wrong}
        </span>
      )}
    </form>
  )
}
