import { useQuery } from "@tanstack/react-query";
import { Card } from "@/features/settings/parts/card";
import { api } from "@/lib/http";
import { formatBytes, formatDateTime, formatNumber, useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";
import { keys } from "@/lib/query";

interface Report {
  at: string;
  media_deleted: number;
  bytes_deleted: number;
  transcripts_deleted: number;
}

/** What was deleted because of its age. Nothing is shown where nothing was. */
export function RetentionReports() {
  const t = useT();
  const { domain } = useMe();
  const reports = useQuery({
    queryKey: [...keys.domain(domain), "retention"],
    queryFn: async ({ signal }) =>
      (await api.get<{ items: Report[] }>(`/api/v1/domains/${encodeURIComponent(domain)}/retention`, { limit: 20 }, { signal })).items,
  });
  if (!reports.data?.length) return null;
  return (
    <Card title={t("settings.retention_reports")} className="overflow-x-auto p-0!">
      <table className="w-full text-sm">
        <thead>
          <tr className="border-b border-line text-muted">
            <th scope="col" className="px-4 py-2 text-start font-medium">{t("settings.report_at")}</th>
            <th scope="col" className="px-4 py-2 text-end font-medium">{t("settings.report_files")}</th>
            <th scope="col" className="px-4 py-2 text-end font-medium">{t("settings.report_bytes")}</th>
            <th scope="col" className="px-4 py-2 text-end font-medium">{t("settings.report_transcripts")}</th>
          </tr>
        </thead>
        <tbody>
          {reports.data.map((report) => (
            <tr key={report.at} className="border-b border-line last:border-0">
              <td className="px-4 py-2">{formatDateTime(report.at)}</td>
              <td className="px-4 py-2 text-end">{formatNumber(report.media_deleted)}</td>
              <td className="px-4 py-2 text-end">{formatBytes(report.bytes_deleted)}</td>
              <td className="px-4 py-2 text-end">{formatNumber(report.transcripts_deleted)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
