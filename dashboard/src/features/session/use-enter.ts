/** What happens once a sign-in worked. */
import { useRouter } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Me } from "@/api/types";
import { safeReturn, signedIn } from "@/lib/session";

/** Goes to where the person was on the way to. */
export function useEnter(returnTo: string | undefined): (me: Me) => Promise<void> {
  const router = useRouter();
  return useCallback(
    async (me) => {
      const target = safeReturn(returnTo);
      if (await signedIn(me)) location.assign(target);
      else {
        await router.invalidate();
        await router.navigate({ href: target, replace: true });
      }
    },
    [returnTo, router],
  );
}
