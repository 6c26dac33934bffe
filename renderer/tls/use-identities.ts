// The certificates that the host keeps, asked for when somebody wants to choose one. Counterparts: identity-choice.tsx, main/tls.
import { useCallback, useEffect, useState } from 'react'
import type { Failure } from '../../preload/contract/failure.ts'
import type { IdentityInfo } from '../../preload/contract/tls.ts'
import { useCommands } from '../link/link.ts'

export interface Identities {
  /** Null while they are not known. */
  readonly list: readonly IdentityInfo[] | null
  readonly failure: Failure | null
  reload(): Promise<void>
}

export const useIdentities = (): Identities => {
  const commands = useCommands()
  const [list, setList] = useState<readonly IdentityInfo[] | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const reload = useCallback(async () => {
    const result = await commands.listIdentities(null)
    if (result.ok) setList(result.value)
    setFailure(result.ok ? null : result.failure)
  }, [commands])
  useEffect(() => void reload(), [reload])
  return { list, failure, reload }
}
