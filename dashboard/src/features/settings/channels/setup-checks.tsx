import { useMutation } from "@tanstack/react-query";
import { Check, CircleDashed, RefreshCw, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { Spinner } from "@/components/ui/spinner";
import { useToast } from "@/components/ui/toast";
import { arrivedSince, CHECKS, checksOf, type CheckName, type CheckState } from "@/features/settings/channels/checks";
import { check, useSetup, type Channel, type Setup } from "@/features/settings/channels/use-channels";
import { Card } from "@/features/settings/parts/card";
import { Loaded } from "@/features/settings/parts/loaded";
import { cx } from "@/lib/class-names";
import { formatRelative, useT, type TextKey, type Translate } from "@/lib/i18n";
import { useMe } from "@/lib/me";

const LOOKS = {
  ok: { icon: Check, className: "bg-success-soft text-success" },
  bad: { icon: X, className: "bg-danger-soft text-danger" },
  waiting: { icon: CircleDashed, className: "bg-sunken text-muted" },
};

const EXPLAINED: Record<CheckName, Partial<Record<CheckState, TextKey>>> = {
  credentials: { ok: "settings.check_credentials_ok", bad: "settings.check_credentials_bad", waiting: "settings.check_credentials_waiting" },
  public: { ok: "settings.check_public_ok", bad: "settings.check_public_bad" },
  signature: { ok: "settings.check_signature_ok", bad: "settings.check_signature_bad", waiting: "settings.check_signature_waiting" },
  inbound: { waiting: "settings.check_inbound_waiting" },
  status: { waiting: "settings.check_status_waiting" },
};

/** What is said otherwise of a channel at Meta. */
const AT_META: Partial<Record<TextKey, TextKey>> = {
  "settings.check_credentials_ok": "settings.meta_credentials_ok",
  "settings.check_credentials_bad": "settings.meta_credentials_bad",
  "settings.check_signature_ok": "settings.meta_signature_ok",
  "settings.check_signature_bad": "settings.meta_signature_bad",
};

/** Whether the channel works, each thing ticked or explained. `listening`: a message is awaited from the start. */
export function SetupChecks({ channel, listening: start }: { channel: Channel; listening: boolean }) {
  const t = useT();
  const toast = useToast();
  const [listening, setListening] = useState(start);
  const setup = useSetup(channel.channel_id, listening);
  const again = useMutation({ mutationFn: () => check(channel.channel_id), onError: toast.error });
  const { mutate } = again;
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current || channel.state !== "active") return;
    asked.current = true;
    mutate();
  }, [mutate, channel.state]);
  return (
    <Card
      title={t("settings.checks_title")}
      actions={
        <Button size="sm" pending={again.isPending} onClick={() => again.mutate()}>
          <RefreshCw aria-hidden />
          {t("settings.check_again")}
        </Button>
      }
    >
      <Loaded query={setup} skeleton={<Skeleton className="h-44 w-full" />}>
        {(found) => (
          <>
            {found.problem && <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">{found.problem}</p>}
            <ul className="flex flex-col gap-2">
              {CHECKS.map((name) => (
                <OneCheck key={name} name={name} state={checksOf(found)[name]} setup={found} atMeta={channel.carrier === "meta"} />
              ))}
            </ul>
            {listening ? (
              <Awaiting channel={channel} setup={found} onStop={() => setListening(false)} />
            ) : (
              <Button className="self-start" onClick={() => setListening(true)}>{t("settings.listen_start")}</Button>
            )}
          </>
        )}
      </Loaded>
    </Card>
  );
}

function OneCheck({ name, state, setup, atMeta }: { name: CheckName; state: CheckState; setup: Setup; atMeta: boolean }) {
  const t = useT();
  const { icon: Icon, className } = LOOKS[state];
  return (
    <li className="flex items-start gap-3">
      <span className={cx("mt-px inline-flex size-5 shrink-0 items-center justify-center rounded-full", className)}>
        <Icon aria-hidden className="size-3.5" />
      </span>
      <div className="min-w-0">
        <div className="font-medium">
          {t(`settings.check_${name}`)}
          <span className="sr-only">: {t(`settings.check_state_${state}`)}</span>
        </div>
        <div className="text-sm text-muted">{explanation(name, state, setup, atMeta, t)}</div>
      </div>
    </li>
  );
}

function explanation(name: CheckName, state: CheckState, setup: Setup, atMeta: boolean, t: Translate): string {
  if (name === "public" && state !== "ok" && setup.public_reason) return setup.public_reason;
  if (name === "public" && !setup.public) return t("settings.check_public_near");
  if (name === "inbound" && setup.last_inbound_at) return t("settings.check_last", { when: formatRelative(setup.last_inbound_at) });
  if (name === "status" && setup.last_status_at) return t("settings.check_last", { when: formatRelative(setup.last_status_at) });
  const key = EXPLAINED[name][state];
  return key ? t((atMeta && AT_META[key]) || key) : "";
}

/** Waits for a message to the number, and says when it has come. */
function Awaiting({ channel, setup, onStop }: { channel: Channel; setup: Setup; onStop: () => void }) {
  const t = useT();
  const { features } = useMe();
  const [before] = useState(setup.last_inbound_at);
  const arrived = arrivedSince(before, setup.last_inbound_at);
  return (
    <div role="status" className={cx("flex flex-wrap items-center gap-3 rounded-md px-3 py-2.5", arrived ? "bg-success-soft text-success" : "bg-accent-soft text-accent-ink")}>
      {arrived ? <Check aria-hidden className="size-5 shrink-0" /> : <Spinner className="size-5 shrink-0" />}
      <span className="min-w-0 flex-1 basis-60 font-medium">
        {arrived ? t("settings.listen_arrived") : t("settings.listen_now", { address: channel.address })}
      </span>
      {features.sandbox && !arrived && (
        <a href="/sandbox/phone" target="_blank" rel="noreferrer" className="underline">{t("settings.open_phone")}</a>
      )}
      <Button size="sm" onClick={onStop}>{t(arrived ? "common.done" : "settings.listen_stop")}</Button>
    </div>
  );
}
