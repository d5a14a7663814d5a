import { useQuery } from "@tanstack/react-query";
import { Monitor, Smartphone } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { useToast } from "@/components/ui/toast";
import { deviceOf } from "@/features/settings/account/device";
import { Card, Row, Rows } from "@/features/settings/parts/card";
import { useConfirm } from "@/features/settings/parts/confirm";
import { Loaded } from "@/features/settings/parts/loaded";
import { useListChange } from "@/features/settings/parts/use-list-change";
import { useListFocus } from "@/features/settings/parts/use-list-focus";
import { api } from "@/lib/http";
import { formatDateTime, formatRelative, useT } from "@/lib/i18n";
import { keys } from "@/lib/query";
import { signOut } from "@/lib/session";

interface Session {
  session_id: string;
  created_at: string;
  last_used_at: string;
  user_agent: string;
  address: string;
  current: boolean;
}

/** Where the person is signed in. */
export function SessionList() {
  const t = useT();
  const toast = useToast();
  const confirm = useConfirm();
  const change = useListChange<Session>(keys.sessions);
  const { ref, afterRemoval } = useListFocus<HTMLDivElement>();
  const sessions = useQuery({
    queryKey: keys.sessions,
    queryFn: async ({ signal }) => (await api.get<{ items: Session[] }>("/api/v1/me/sessions", undefined, { signal })).items,
  });
  const end = (session: Session, index: number) =>
    void change({
      now: (items) => items.filter((each) => each !== session),
      request: () => api.delete(`/api/v1/me/sessions/${session.session_id}`),
      told: t("settings.session_ended"),
    }).then(() => afterRemoval(index), () => undefined);
  const everywhere = () =>
    confirm.ask({
      title: t("common.sign_out_everywhere_title"),
      text: t("common.sign_out_everywhere_text"),
      action: t("common.menu_sign_out_everywhere"),
      run: () => signOut(true).catch(toast.error),
    });
  return (
    <Card
      title={t("settings.sessions_title")}
      description={t("settings.sessions_text")}
      className="p-0!"
      actions={<Button variant="danger-ghost" onClick={everywhere}>{t("common.menu_sign_out_everywhere")}</Button>}
    >
      <div ref={ref} className="[&>ul]:rounded-none [&>ul]:border-0">
        <Loaded query={sessions}>
          {(items) => (
            <Rows label={t("settings.sessions_title")}>
              {items.map((session, index) => (
                <Row key={session.session_id}>
                  <SessionText session={session} />
                  {!session.current && (
                    <Button size="sm" onClick={() => end(session, index)}>{t("settings.session_end")}</Button>
                  )}
                </Row>
              ))}
            </Rows>
          )}
        </Loaded>
      </div>
      {confirm.dialog}
    </Card>
  );
}

function SessionText({ session }: { session: Session }) {
  const t = useT();
  const device = deviceOf(session.user_agent);
  const Icon = device.handheld ? Smartphone : Monitor;
  const name = [device.browser, device.system].filter(Boolean).join(" · ") || session.user_agent.slice(0, 60) || t("common.unknown");
  return (
    <>
      <Icon aria-hidden className="size-5 shrink-0 text-muted" />
      <div className="min-w-0 flex-1 basis-52">
        <div className="flex flex-wrap items-center gap-2 font-medium">
          {name}
          {session.current && <Badge tone="success">{t("settings.session_current")}</Badge>}
        </div>
        <div className="text-sm text-muted">
          <bdi>{session.address}</bdi>
          {" · "}
          {session.current ? t("settings.session_since", { at: formatDateTime(session.created_at) }) : t("settings.used_at", { when: formatRelative(session.last_used_at) })}
        </div>
      </div>
    </>
  );
}
