import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Page } from "@/api/types";
import { Button } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Rows } from "@/features/settings/parts/card";
import { RowSkeletons } from "@/features/settings/parts/section-page";
import { useT } from "@/lib/i18n";

export interface EntriesProps<Item> {
  list: UseInfiniteQueryResult<InfiniteData<Page<Item>>>;
  label: string;
  empty: ReactNode;
  children: (item: Item) => ReactNode;
}

/** A list that is loaded page by page, with what stands in its place. */
export function Entries<Item>({ list, label, empty, children }: EntriesProps<Item>) {
  const t = useT();
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  if (list.isPending) return <RowSkeletons rows={6} />;
  if (list.isError && items.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} retrying={list.isFetching} />;
  if (items.length === 0) return empty;
  return (
    <>
      <Rows label={label}>{items.map(children)}</Rows>
      {list.isError && <ErrorState inline error={list.error} onRetry={() => void list.fetchNextPage()} retrying={list.isFetching} />}
      {list.hasNextPage && <Button className="self-center" pending={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("common.show_more")}</Button>}
    </>
  );
}
