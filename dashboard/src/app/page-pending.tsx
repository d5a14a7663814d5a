import { Spinner } from "@/components/ui/spinner";
import { useT } from "@/lib/i18n";

/** While a page's code is on its way. */
export function PagePending() {
  const t = useT();
  return (
    <div className="flex size-full items-center justify-center text-muted">
      <Spinner className="size-5" label={t("common.loading")} />
    </div>
  );
}
