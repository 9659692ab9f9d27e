package dev.reflux.benchmarks.gain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Sums up reports of {@code reflux compare}: each student of the variant {@value #VARIANT} beside the better of its two
 * rivals, the same network on labels alone and the same with the labels replayed.
 */
@Command(
        name = "gain",
        description =
                "Sums up the reports of src/service/examples/gain-all: what a teacher is worth, stream by stream.")
public final class GainTable implements Callable<Integer> {

    private static final String VARIANT = "default";
    private static final ObjectMapper JSON = new ObjectMapper();

    @Parameters(paramLabel = "FOLDER", description = "Folder of the reports.")
    private Path folder = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /**
     * A student on a stream; accuracies and differences in points.
     *
     * @param units its name, by which students of all streams are put together
     * @param labels share of the labels
     * @param low of the interval of its accuracy over that of the student alone
     * @param size its parameters, in % of the teacher's
     */
    record Line(
            String stream,
            String units,
            double labels,
            double teacher,
            double alone,
            double replayed,
            double student,
            double low,
            double high,
            double size) {

        double best() {
            return Math.max(alone, replayed);
        }

        double gain() {
            return student - best();
        }
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.print(text(read(folder)));
        out.flush();
        return 0;
    }

    static List<Line> read(Path folder) throws IOException {
        List<Path> reports;
        try (Stream<Path> files = Files.list(folder)) {
            reports = files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
        List<Line> lines = new ArrayList<>();
        for (Path report : reports) {
            JsonNode root = JSON.readTree(report.toFile());
            for (JsonNode share : root.get("labels")) {
                for (JsonNode result : share.get("results")) {
                    if (result.get("variant").asText().equals(VARIANT)) {
                        lines.add(line(root.get("pipeline").asText(), share, result));
                    }
                }
            }
        }
        return lines;
    }

    private static Line line(String stream, JsonNode share, JsonNode result) {
        String student = result.get("student").asText();
        double alone = Double.NaN;
        double replayed = Double.NaN;
        for (JsonNode other : share.get("results")) {
            if (other.get("control").asBoolean()
                    && other.get("student").asText().equals(student)) {
                double accuracy = points(other.get("accuracy"));
                if (other.get("variant").asText().equals("alone")) {
                    alone = accuracy;
                } else {
                    replayed = accuracy;
                }
            }
        }
        JsonNode gain = result.get("gain");
        return new Line(
                stream,
                student,
                share.get("share").asDouble(),
                points(result.get("teacher").get("accuracy")),
                alone,
                replayed,
                points(result.get("accuracy")),
                points(gain.get("low")),
                points(gain.get("high")),
                points(result.get("parameters"))
                        / result.get("teacher").get("parameters").asDouble());
    }

    private static double points(JsonNode share) {
        return 100 * share.asDouble();
    }

    static String text(List<Line> lines) {
        StringBuilder text = new StringBuilder();
        text.append(
                "| stream | labels | student | teacher | alone | alone, replayed | distilled | over the better | over"
                        + " alone (95 % interval) | to the teacher | size |\n");
        text.append("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (Line line : lines) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %.0f %% | %s | %.1f | %.1f | %.1f | **%.1f** | %+.2f | %+.2f (%+.2f .. %+.2f) | %+.1f | %.1f"
                            + " %% |%n",
                    line.stream(),
                    100 * line.labels(),
                    line.units(),
                    line.teacher(),
                    line.alone(),
                    line.replayed(),
                    line.student(),
                    line.gain(),
                    line.student() - line.alone(),
                    line.low(),
                    line.high(),
                    line.student() - line.teacher(),
                    line.size()));
        }
        text.append("\n| student | labels | streams | mean over the better | least | mean over alone | least |\n");
        text.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (String units : lines.stream().map(Line::units).distinct().toList()) {
            for (double labels :
                    lines.stream().mapToDouble(Line::labels).distinct().toArray()) {
                List<Line> group = lines.stream()
                        .filter(line -> line.units().equals(units) && line.labels() == labels)
                        .toList();
                text.append(String.format(
                        Locale.ROOT,
                        "| %s | %.0f %% | %d | %+.2f | %+.2f | %+.2f | %+.2f |%n",
                        units,
                        100 * labels,
                        group.size(),
                        group.stream().mapToDouble(Line::gain).average().orElse(Double.NaN),
                        group.stream().mapToDouble(Line::gain).min().orElse(Double.NaN),
                        group.stream()
                                .mapToDouble(line -> line.student() - line.alone())
                                .average()
                                .orElse(Double.NaN),
                        group.stream()
                                .mapToDouble(line -> line.student() - line.alone())
                                .min()
                                .orElse(Double.NaN)));
            }
        }
        return text.toString();
    }
}
