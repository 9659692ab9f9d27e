package dev.reflux.service.commands;

import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.service.UsageException;
import dev.reflux.service.topics.TopicPlan;
import dev.reflux.service.topics.Topics;
import java.util.List;

/** One of a pipeline's topics, which a command cannot do without. */
final class PipelineTopic {
    private PipelineTopic() {}

    /** Says how to make the topic when it is missing. */
    static void require(Pipeline pipeline, String topic) {
        String brokers = pipeline.kafka().bootstrapServers();
        List<TopicPlan> needed = TopicPlan.of(pipeline).stream()
                .filter(plan -> plan.name().equals(topic))
                .toList();
        try (Topics topics = new Topics(brokers, pipeline.kafka().properties())) {
            if (!topics.missing(needed).isEmpty()) {
                throw new UsageException("the brokers at " + brokers + " have no topic " + topic
                        + "; create it with: reflux topics PIPELINE.yaml");
            }
        }
    }
}
