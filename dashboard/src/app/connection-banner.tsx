import { WifiOff } from "lucide-react";
import { useEffect, useState } from "react";
import { useT } from "@/lib/i18n";
import { useConnection } from "@/lib/live";

/** A blink of the connection is no news: it is told after this long. */
const GRACE_MS = 2500;

export function ConnectionBanner() {
  const t = useT();
  const lost = useConnection() !== "live";
  const [told, setTold] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setTold(lost), lost ? GRACE_MS : 0);
    return () => clearTimeout(timer);
  }, [lost]);
  // The region stays, so that what comes into it is read out.
  return (
    <div role="status">
      {told && lost && (
        <div className="flex items-center gap-2 border-b border-line bg-warning-soft px-4 py-1.5 text-sm text-warning">
          <WifiOff aria-hidden className="size-4 shrink-0" />
          <span>
            <strong className="font-semibold">{t("common.connection_lost")}</strong>{" "}
            <span className="max-sm:hidden">{t("common.connection_lost_hint")}</span>
          </span>
        </div>
      )}
    </div>
  );
}
