import { Avatar } from "@/components/ui/avatar";
import { Skeleton } from "@/components/ui/skeleton";
import { useT } from "@/lib/i18n";

/** In the card's own sizes. The name may be known already, from where one came. */
export function ContactSkeleton({ name, id }: { name: string | undefined; id: string }) {
  const t = useT();
  return (
    <div role="status">
      <span className="sr-only">{t("common.loading")}</span>
      <div className="flex items-start gap-3 px-4 pt-4 pb-3">
        {name === undefined ? <Skeleton className="size-12 rounded-full!" /> : <Avatar name={name} id={id} size="lg" className="size-12!" />}
        <div className="flex min-w-0 flex-1 flex-col gap-1.5">
          {name === undefined ? <Skeleton className="h-6 w-32" /> : <bdi className="text-lg font-semibold wrap-anywhere">{name}</bdi>}
          <Skeleton className="h-3.5 w-40" />
        </div>
      </div>
      {[3, 1, 2, 1, 2].map((lines, place) => (
        <div key={place} className="border-t border-line px-4 pb-4">
          <div className="flex h-10 items-center"><Skeleton className="h-3.5 w-24" /></div>
          <div className="flex flex-col gap-3">
            {Array.from({ length: lines }, (_, line) => <Skeleton key={line} className="h-4 w-4/5" />)}
          </div>
        </div>
      ))}
    </div>
  );
}
