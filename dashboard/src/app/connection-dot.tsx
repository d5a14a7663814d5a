import { Tooltip } from "@/components/ui/tooltip";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";
import { useConnection } from "@/lib/live";

const COLORS = { live: "bg-success", connecting: "bg-outline", lost: "bg-danger-fill" };
const TEXTS = {
  live: "common.connection_live",
  connecting: "common.connection_connecting",
  lost: "common.connection_lost",
} as const;

/** Whether changes show as they happen. The banner tells it too when they do not. */
export function ConnectionDot() {
  const t = useT();
  const connection = useConnection();
  const text = t(TEXTS[connection]);
  return (
    <Tooltip label={text} side="right">
      <span className="inline-flex size-6 items-center justify-center" data-connection={connection}>
        <span className={cx("size-2 rounded-full", COLORS[connection], connection !== "live" && "animate-pulse")} />
        <span className="sr-only">{text}</span>
      </span>
    </Tooltip>
  );
}
