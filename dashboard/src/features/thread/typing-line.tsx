/** Who else is writing an answer at this moment. Its room is always there. */

import type { PersonRef } from "@/api/types";
import { useT } from "@/lib/i18n";

export function TypingLine({ people }: { people: PersonRef[] }) {
  const t = useT();
  const [one, other] = people;
  return (
    <p role="status" className="h-5 shrink-0 truncate px-4 text-xs text-muted md:px-6">
      {one && <bdi>{people.length > 2
        ? t("thread.typing_several")
        : other
          ? t("thread.typing_two", { one: one.name, other: other.name })
          : t("thread.typing", { name: one.name })}</bdi>}
    </p>
  );
}
