/** All files of a conversation: pictures and films as a grid, documents and voice notes as lists. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Tabs } from "radix-ui";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Attachment as File, Page } from "@/api/types";
import { api } from "@/lib/http";
import { errorText } from "@/lib/error-text";
import { useT } from "@/lib/i18n";
import { keys } from "@/lib/query";
import { Attachment } from "@/features/media/attachment";
import { GalleryTile } from "@/features/media/gallery-tile";
import { LightboxProvider } from "@/features/media/lightbox";

const SHELVES = ["visual", "files", "voice"] as const;
type Shelf = (typeof SHELVES)[number];

const SHELF_OF: Record<File["kind"], Shelf> = {
  image: "visual", video: "visual", sticker: "visual", document: "files", audio: "voice",
};

export function Gallery({ chatId }: { chatId: string }) {
  const t = useT();
  const [shelf, setShelf] = useState<Shelf>("visual");
  const query = useInfiniteQuery({
    queryKey: keys.gallery(chatId),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<File>>(`/api/v1/conversations/${chatId}/media`, { cursor: pageParam, limit: 60 }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  const files = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const shown = files.filter((file) => SHELF_OF[file.kind] === shelf);
  const more = () => {
    if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
  };

  return (
    <LightboxProvider attachments={files.filter((file) => SHELF_OF[file.kind] === "visual" && file.url)}>
      <Tabs.Root value={shelf} onValueChange={(value) => setShelf(value as Shelf)}>
        <Tabs.List className="flex gap-1 pb-3" aria-label={t("media.gallery")}>
          {SHELVES.map((each) => (
            <Tabs.Trigger
              key={each}
              value={each}
              className="min-h-7 rounded-full px-2.5 text-sm text-muted hover:bg-hover data-[state=active]:bg-accent-soft data-[state=active]:text-accent-ink"
            >
              {t(`media.shelf_${each}`)}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value={shelf} className="outline-offset-4">
          {query.isPending && <Skeleton />}
          {query.isError && (
            <div role="alert" className="grid justify-items-start gap-2 text-sm text-muted">
              {errorText(query.error)}
              <button type="button" className="min-h-7 text-accent-ink underline" onClick={() => void query.refetch()}>{t("common.retry")}</button>
            </div>
          )}
          {query.isSuccess && shown.length === 0 && !query.hasNextPage && (
            <p className="py-6 text-center text-sm text-muted">{t(`media.empty_${shelf}`)}</p>
          )}
          <ul className={shelf === "visual" ? "grid grid-cols-3 gap-1" : "flex flex-col gap-2"}>
            {shown.map((file) => (
              <li key={file.media_id}>
                {shelf === "visual" ? <GalleryTile attachment={file} /> : <Attachment attachment={file} compact />}
              </li>
            ))}
          </ul>
          {query.hasNextPage && (
            <More key={shelf} onSeen={more} again={files.length} isLoading={query.isFetchingNextPage} onClick={more} />
          )}
        </Tabs.Content>
      </Tabs.Root>
    </LightboxProvider>
  );
}

function Skeleton() {
  return (
    <div className="grid grid-cols-3 gap-1" aria-hidden>
      {Array.from({ length: 6 }, (_, index) => (
        <div key={index} className="aspect-square rounded bg-sunken motion-safe:animate-pulse" />
      ))}
    </div>
  );
}

interface MoreProps {
  onSeen: () => void;
  onClick: () => void;
  isLoading: boolean;
  /** Looked at again when this changes: a page may have brought nothing for the shelf that is open. */
  again: number;
}

function More({ onSeen, onClick, isLoading, again }: MoreProps) {
  const t = useT();
  const button = useRef<HTMLButtonElement>(null);
  const seen = useRef(onSeen);
  useEffect(() => {
    seen.current = onSeen;
  });
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && seen.current(),
      { rootMargin: "200px" },
    );
    if (button.current) observer.observe(button.current);
    return () => observer.disconnect();
  }, [again]);
  return (
    <button ref={button} type="button" onClick={onClick} className="mt-2 min-h-8 w-full text-sm text-muted">
      {t(isLoading ? "common.loading" : "common.show_more")}
    </button>
  );
}
