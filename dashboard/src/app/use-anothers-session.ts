import { useEffect } from "react";
import type { Me } from "@/api/types";
import { isAnothers, onSessionElsewhere } from "@/lib/session";

/** What the page shows and what it holds is one person's in one domain: for another it is loaded anew. */
export function useAnothersSession(me: Me): void {
  useEffect(() => {
    const loadAnew = () => location.assign("/inbox");
    void isAnothers(me).then((isTrue) => isTrue && loadAnew());
    return onSessionElsewhere(loadAnew);
  }, [me]);
}
