package dev.reflux.service.commands;

import dev.reflux.checkpoints.Acceptance;
import dev.reflux.checkpoints.follow.FollowerSettings;
import dev.reflux.checkpoints.sign.CheckpointSigner;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.StudentSettings;
import dev.reflux.jobs.publish.StudentAccess;
import dev.reflux.service.UsageException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How the commands follow a pipeline's students. */
final class FollowedPipeline {
    private FollowedPipeline() {}

    static FollowerSettings settings(Pipeline pipeline, String student) {
        return new FollowerSettings(
                clientProperties(pipeline), pipeline.topics().checkpoints(), student, acceptance(pipeline));
    }

    /** Signs as the pipeline does. */
    static Optional<CheckpointSigner> signer(Pipeline pipeline) {
        try {
            return StudentAccess.signer(pipeline, System.getenv());
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Takes what the pipeline publishes. */
    static Acceptance acceptance(Pipeline pipeline) {
        try {
            return StudentAccess.acceptance(pipeline, System.getenv());
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    static Map<String, String> clientProperties(Pipeline pipeline) {
        Map<String, String> properties = new HashMap<>(pipeline.kafka().properties());
        properties.put("bootstrap.servers", pipeline.kafka().bootstrapServers());
        return properties;
    }

    /** Name of the student asked for, which the pipeline must have; its first one when none was asked for. */
    static String student(Pipeline pipeline, @Nullable String wanted) {
        List<String> names =
                pipeline.students().stream().map(StudentSettings::name).toList();
        if (wanted == null) {
            return names.get(0);
        }
        if (!names.contains(wanted)) {
            throw new UsageException("--student is '" + wanted + "', the pipeline's students are " + names);
        }
        return wanted;
    }
}
