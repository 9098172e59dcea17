import type { Page as ApiPage } from '@permitry/admin-api'
import { type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'
import { Failure, Loading } from './states.tsx'

interface Pages<Item> {
  readonly pages: readonly ApiPage<Item>[]
}

/** A list of the API, which is read a page at a time as somebody asks for more: 10⁵ people are never loaded at once. */
export function usePages<Item>(
  key: readonly unknown[],
  read: (cursor: { readonly cursor?: string }) => Promise<ApiPage<Item>>,
  enabled = true,
) {
  return useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read(pageParam === null ? {} : { cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    // What was found stays in sight while somebody types on.
    placeholderData: (before) => before,
    enabled,
  })
}

interface ListProps<Item> {
  query: UseInfiniteQueryResult<Pages<Item>>
  empty: ReactNode
  label: string
  children: (item: Item) => ReactNode
}

/** The items of a list with its states: loading, failed, empty, and more to come. `children` draws one `li`. */
export function List<Item>({ query, empty, label, children }: ListProps<Item>) {
  if (query.isPending) return <Loading />
  if (query.isError && !query.data) return <Failure error={query.error} retry={() => void query.refetch()} />
  const items = query.data?.pages.flatMap((page) => page.items) ?? []
  if (items.length === 0) return empty
  return (
    <div className="grid gap-3">
      <ul aria-label={label} className="divide-y divide-line overflow-clip rounded-2xl border border-line bg-card">
        {items.map((item) => children(item))}
      </ul>
      {query.hasNextPage && (
        <div>
          <Button onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? texts.loading : texts.more}
          </Button>
        </div>
      )}
    </div>
  )
}
