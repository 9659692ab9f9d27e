package dev.reflux.service.topics;

import dev.reflux.jobs.pipeline.Pipeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A topic as a pipeline needs it.
 *
 * <p>Why each is kept as it is:
 *
 * <ul>
 *   <li><b>events</b> and <b>predictions</b>: retention is the owner's business and stays the brokers' default.
 *   <li><b>checkpoints</b>: compacted by student, so that the newest student is there however long ago it was published:
 *       with deletion by age, a pipeline that rests for a week would leave consumers without a model. Older versions
 *       stay for at least a day, to go back to. A segment is closed daily, since Kafka never compacts the open one.
 *   <li><b>checkpoint-decisions</b>: deleted by age, and kept longer than the rest: why the student of last month was
 *       published is asked late.
 *   <li><b>dead-letters</b> and <b>drift</b>: deleted by age, long enough to look into what happened.
 *   <li>The age of dead letters, drift records and predictions is their own: by their events' time, what is said of old
 *       events would be gone at once.
 * </ul>
 *
 * @param cleanupPolicy Kafka's {@code cleanup.policy}; also what an existing topic is checked for
 * @param minMessageBytes what the topic's {@code max.message.bytes} has to reach
 * @param settings other topic settings at creation; an existing topic may differ in them
 */
public record TopicPlan(String name, String cleanupPolicy, long minMessageBytes, Map<String, String> settings) {
    /** Kafka's own default of {@code max.message.bytes}; a topic is never made narrower. */
    private static final long KAFKA_DEFAULT_BYTES = 1_048_588;
    /** Key, headers and the batch around a record. */
    private static final long OVERHEAD_BYTES = 64 * 1024;

    public TopicPlan {
        settings = Map.copyOf(settings);
    }

    /** The topics that the distillation job of a pipeline reads and writes. */
    public static List<TopicPlan> of(Pipeline pipeline) {
        long event = eventBytes(pipeline);
        long checkpoint = pipeline.checkpoints().largestRecordBytes();
        return List.of(
                new TopicPlan(pipeline.topics().events(), "delete", event, Map.of()),
                new TopicPlan(
                        pipeline.topics().checkpoints(),
                        "compact",
                        checkpoint,
                        Map.of(
                                "min.compaction.lag.ms", millis(Duration.ofDays(1)),
                                "segment.ms", millis(Duration.ofDays(1)),
                                "min.cleanable.dirty.ratio", "0.1")),
                new TopicPlan(
                        pipeline.topics().checkpointDecisions(),
                        "delete",
                        KAFKA_DEFAULT_BYTES,
                        Map.of("retention.ms", millis(Duration.ofDays(90)))),
                new TopicPlan(
                        pipeline.topics().drift(),
                        "delete",
                        KAFKA_DEFAULT_BYTES,
                        Map.of("retention.ms", millis(Duration.ofDays(30)), "message.timestamp.type", "LogAppendTime")),
                new TopicPlan(
                        pipeline.topics().deadLetters(),
                        "delete",
                        event + OVERHEAD_BYTES,
                        Map.of(
                                "retention.ms",
                                millis(Duration.ofDays(14)),
                                "message.timestamp.type",
                                "LogAppendTime")));
    }

    /** The topics that the scoring job of a pipeline reads and writes. */
    public static List<TopicPlan> ofScoring(Pipeline pipeline) {
        String own = pipeline.scoring().events();
        List<TopicPlan> plans = new ArrayList<>();
        plans.add(new TopicPlan(
                own == null ? pipeline.topics().events() : own, "delete", eventBytes(pipeline), Map.of()));
        of(pipeline).stream()
                .filter(plan -> plan.name().equals(pipeline.topics().checkpoints()))
                .forEach(plans::add);
        plans.add(new TopicPlan(
                pipeline.topics().predictions(),
                "delete",
                KAFKA_DEFAULT_BYTES,
                Map.of("message.timestamp.type", "LogAppendTime")));
        return plans;
    }

    /** The topics that the drift job of a pipeline reads and writes. */
    public static List<TopicPlan> ofDrift(Pipeline pipeline) {
        List<String> names = List.of(
                pipeline.topics().events(),
                pipeline.topics().drift(),
                pipeline.topics().deadLetters());
        return of(pipeline).stream().filter(plan -> names.contains(plan.name())).toList();
    }

    /** The topics of all of a pipeline's jobs. */
    public static List<TopicPlan> ofAll(Pipeline pipeline) {
        List<TopicPlan> plans = new ArrayList<>(of(pipeline));
        ofScoring(pipeline).stream().filter(plan -> !plans.contains(plan)).forEach(plans::add);
        return plans;
    }

    private static long eventBytes(Pipeline pipeline) {
        return Math.max(KAFKA_DEFAULT_BYTES, pipeline.events().maxBytes().bytes() + OVERHEAD_BYTES);
    }

    /** All settings to create the topic with. */
    Map<String, String> creationSettings() {
        Map<String, String> all = new TreeMap<>(settings);
        all.put("cleanup.policy", cleanupPolicy);
        all.put("max.message.bytes", Long.toString(minMessageBytes));
        return all;
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }
}
