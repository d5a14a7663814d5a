import { isRedirect } from "@tanstack/react-router";
import { expect, test } from "vitest";
import type { Me } from "@/api/types";
import { router } from "@/app/router";
import { setMe } from "@/lib/me";

const guard = router.routesById["/app"].options.beforeLoad as unknown as (asked: object) => Promise<unknown>;
const enter = () => guard({ location: { href: "/inbox" } }).catch((reason: unknown) => reason);

test("a page that is another domain's by now is loaded anew before anything is shown", async () => {
  const me = { person_id: "x", domain: "acme" } as Me;
  setMe(me);
  expect(await enter()).toEqual({ me });
  setMe({ ...me, domain: "beta" });
  const turned = await enter();
  expect(isRedirect(turned) && turned.options).toMatchObject({ to: "/inbox", reloadDocument: true });
});
