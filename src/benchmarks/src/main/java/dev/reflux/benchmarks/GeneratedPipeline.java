package dev.reflux.benchmarks;

import dev.reflux.events.CategoryFeature;
import dev.reflux.events.EventSchema;
import dev.reflux.events.Feature;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Pipelines for generated streams, to be changed by settings such as {@code teacher.teach=before}. */
final class GeneratedPipeline {

    private GeneratedPipeline() {}

    /**
     * A pipeline that learns the events of this schema in batches by count.
     *
     * @param hidden widths of the teacher's hidden layers and of the student's, as YAML lists
     * @param settings each {@code PATH=VALUE}, later ones win
     */
    static Pipeline of(EventSchema schema, int batch, Hidden hidden, List<String> settings) {
        String yaml = String.join(
                "\n",
                "pipeline: benchmark",
                "kafka: { startFrom: earliest }",
                "events:",
                "  id: /id",
                "  label: { path: " + schema.label().path() + ", classes: ["
                        + String.join(", ", schema.label().classes()) + "] }",
                "  features:",
                schema.features().stream().map(GeneratedPipeline::feature).collect(Collectors.joining("\n")),
                "batch: { size: " + batch + ", maxDelay: off, step: batch }",
                "teacher: { network: { type: mlp, hidden: " + hidden.teacher() + " } }",
                "students: [ { name: student, network: { type: mlp, hidden: " + hidden.student() + " } } ]",
                "");
        return PipelineReader.read("benchmark", yaml, Map.of(), settings);
    }

    /** Widths of hidden layers. */
    record Hidden(List<Integer> teacher, List<Integer> student) {}

    private static String feature(Feature feature) {
        if (feature instanceof CategoryFeature category) {
            return "    - { name: " + category.name() + ", type: category, size: " + category.size() + " }";
        }
        return "    - { name: " + feature.name() + ", type: numeric }";
    }
}
