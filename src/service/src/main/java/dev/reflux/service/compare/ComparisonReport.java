package dev.reflux.service.compare;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.reflux.service.report.RunReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a comparison measured. Its JSON is a contract: fields are added, never renamed or removed.
 *
 * @param version of this form
 * @param stream where the events came from
 * @param events how many each variant learned from
 * @param variants what was compared
 * @param skipped what was not, and why
 * @param labels the results for each share of the labels
 */
@JsonPropertyOrder({"version", "pipeline", "stream", "events", "interval", "variants", "skipped", "labels"})
public record ComparisonReport(
        int version,
        String pipeline,
        String stream,
        long events,
        Method interval,
        List<Variant> variants,
        List<Skip> skipped,
        List<AtShare> labels) {
    /** The version that this build writes. */
    public static final int VERSION = 1;

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    public ComparisonReport {
        variants = List.copyOf(variants);
        skipped = List.copyOf(skipped);
        labels = List.copyOf(labels);
    }

    /**
     * How the intervals came about.
     *
     * @param method name of the procedure, see {@link BlockBootstrap}
     * @param level probability that an interval means to cover
     * @param windowEvents events of a window of the learning curve
     * @param blockWindows windows of a block, where all windows have labels
     */
    public record Method(String method, double level, int resamples, long seed, long windowEvents, int blockWindows) {}

    /** A variant that was not run, and why. */
    public record Skip(String variant, String reason) {}

    /**
     * The results with one share of the labels.
     *
     * @param share of the labels that learning saw; quality is measured on all
     */
    public record AtShare(double share, List<Job> jobs, List<Result> results) {
        public AtShare {
            jobs = List.copyOf(jobs);
            results = List.copyOf(results);
        }
    }

    /**
     * Students that learned together.
     *
     * @param variants the variants whose students it had
     * @param failure why it has no results; null when it has
     */
    public record Job(
            List<String> variants,
            double seconds,
            double eventsPerSecond,
            @Nullable String failure) {
        public Job {
            variants = List.copyOf(variants);
        }
    }

    /**
     * A student at the end; quality is prequential, over the whole stream.
     *
     * @param variant its variant; that of a control is {@code alone}, or {@code alone (VARIANT)} where that variant's
     *     student is another one
     * @param job place of its job in {@code jobs}, whose speed it shares
     * @param control whether it is a student alone
     * @param agreement share of the events on which it predicted the teacher's class; null for a control, and without a
     *     teacher
     * @param robustAccuracy accuracy on events that were moved to make it err; null where that is not measured
     * @param teacher its teacher; null for a control, which learns nothing from one, and for who teaches itself
     * @param gain over its control; null for a control, and when that failed
     */
    @JsonPropertyOrder({
        "variant",
        "student",
        "control",
        "job",
        "parameters",
        "accuracy",
        "kappa",
        "logLoss",
        "agreement",
        "robustAccuracy",
        "eventsPerSecond",
        "teacher",
        "gain"
    })
    public record Result(
            String variant,
            String student,
            boolean control,
            int job,
            long parameters,
            double accuracy,
            double kappa,
            double logLoss,
            @Nullable Double agreement,
            @Nullable Double robustAccuracy,
            double eventsPerSecond,
            RunReport.@Nullable Teacher teacher,
            @Nullable Gain gain) {}

    /**
     * A student minus its control.
     *
     * @param over variant of the control
     * @param accuracy difference of the accuracies, as a share of 1
     * @param low lower end of its interval; null when there are too few windows for one
     * @param high upper end of its interval; null when there are too few windows for one
     * @param logLoss difference of the log losses; below 0 is better
     * @param robustAccuracy difference of the accuracies on moved events; null where they are not measured
     */
    public record Gain(
            String over,
            double accuracy,
            @Nullable Double low,
            @Nullable Double high,
            double logLoss,
            @Nullable Double robustAccuracy) {}

    /** Whether any job has results. */
    public boolean hasResults() {
        return labels.stream().anyMatch(share -> !share.results().isEmpty());
    }

    /** Whether a job has no results. */
    public boolean failed() {
        return labels.stream().flatMap(share -> share.jobs().stream()).anyMatch(job -> job.failure() != null);
    }

    public String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the comparison cannot be written as JSON", e);
        }
    }
}
