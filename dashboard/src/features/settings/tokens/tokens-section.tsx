import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import type { PersonRef } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Row, Rows } from "@/features/settings/parts/card";
import { useConfirm } from "@/features/settings/parts/confirm";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useListChange } from "@/features/settings/parts/use-list-change";
import { useListFocus } from "@/features/settings/parts/use-list-focus";
import { NewTokenDialog } from "@/features/settings/tokens/new-token-dialog";
import { TokenDialog } from "@/features/settings/tokens/token-dialog";
import { api } from "@/lib/http";
import { formatDate, formatDateTime, formatRelative, useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";
import { keys } from "@/lib/query";

interface Token {
  token_id: string;
  name: string;
  person: PersonRef;
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
}

/** Programs act as a person with one of these. */
export function TokensSection() {
  const t = useT();
  const confirm = useConfirm();
  const change = useListChange<Token>(keys.tokens);
  const { ref, afterRemoval } = useListFocus<HTMLDivElement>();
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const tokens = useQuery({
    queryKey: keys.tokens,
    queryFn: async ({ signal }) => (await api.get<{ items: Token[] }>("/api/v1/tokens", undefined, { signal })).items,
  });
  const revoke = (token: Token, index: number) =>
    confirm.ask({
      title: t("settings.token_revoke_title", { name: token.name }),
      text: t("settings.token_revoke_text"),
      action: t("settings.token_revoke"),
      run: async () => {
        await change({
          now: (items) => items.filter((each) => each.token_id !== token.token_id),
          request: () => api.delete(`/api/v1/tokens/${token.token_id}`),
          told: t("settings.token_revoked", { name: token.name }),
        });
        afterRemoval(index);
      },
    });
  return (
    <SectionPage
      title={t("settings.tokens_title")}
      description={t("settings.tokens_text")}
      actions={
        <Button variant="primary" onClick={() => setCreating(true)}>
          <Plus aria-hidden />
          {t("settings.token_new")}
        </Button>
      }
    >
      <div ref={ref}>
        <Loaded query={tokens}>
          {(items) =>
            items.length === 0 ? (
              <EmptyState icon={KeyRound} title={t("settings.tokens_empty")}>{t("settings.tokens_empty_text")}</EmptyState>
            ) : (
              <Rows label={t("settings.tokens_title")}>
                {items.map((token, index) => (
                  <TokenRow key={token.token_id} token={token} onRevoke={() => revoke(token, index)} />
                ))}
              </Rows>
            )
          }
        </Loaded>
      </div>
      {creating && (
        <TokenDialog
          onClose={() => setCreating(false)}
          onMade={(token) => {
            setCreating(false);
            setMade(token);
          }}
        />
      )}
      {made !== null && <NewTokenDialog token={made} onClose={() => setMade(null)} />}
      {confirm.dialog}
    </SectionPage>
  );
}

function TokenRow({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  const t = useT();
  const me = useMe();
  const [now] = useState(() => Date.now());
  const over = token.expires_at !== null && new Date(token.expires_at).getTime() < now;
  const used = token.last_used_at ? t("settings.used_at", { when: formatRelative(token.last_used_at) }) : t("settings.token_never_used");
  return (
    <Row>
      <KeyRound aria-hidden className="size-4 shrink-0 text-muted" />
      <div className="min-w-0 flex-1 basis-44">
        <div className="flex flex-wrap items-center gap-2 font-medium">
          <span className="truncate">{token.name}</span>
          {over && <Badge tone="danger">{t("settings.token_over")}</Badge>}
        </div>
        <div className="text-sm text-muted">
          {token.person.person_id === me.person_id ? t("common.you") : token.person.name || token.person.email}
          {" · "}
          {t("settings.token_made", { date: formatDate(token.created_at) })} · {used} ·{" "}
          {token.expires_at ? t("settings.token_until", { at: formatDateTime(token.expires_at) }) : t("settings.token_no_end")}
        </div>
      </div>
      <Button size="sm" variant="danger-ghost" aria-label={t("settings.token_revoke_of", { name: token.name })} onClick={onRevoke}>{t("settings.token_revoke")}</Button>
    </Row>
  );
}
