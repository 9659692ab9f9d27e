package dev.reflux.benchmarks.peers;

import dev.reflux.benchmarks.Texts;
import dev.reflux.service.report.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How soon learners are back after a change, as Markdown. */
final class RecoveryTable {

    private RecoveryTable() {}

    static String of(String stream, int rows, int at, double labels, Map<String, Hits> learners) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(List.of("learner", "accuracy before", "events until it is back", "accuracy after"));
        learners.forEach((name, hits) -> {
            Recovery recovery = Recovery.of(hits, at);
            lines.add(List.of(
                    name,
                    Texts.format("%.1f", recovery.before() * 100),
                    recovery.events().isPresent()
                            ? Texts.format("%,d", recovery.events().getAsInt())
                            : Texts.format("more than %,d", rows - at),
                    Texts.format("%.1f", recovery.after() * 100)));
        });
        return Texts.format(
                "%n### %s: %,d events, change after %,d, %.0f %% of the labels%n%n%s",
                stream, rows, at, labels * 100, TextTable.markdown(lines));
    }
}
