package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.OptionWriter;
import java.util.List;

/** Prints effective pipeline files, every default filled in. */
public final class PipelineWriter {

    private PipelineWriter() {}

    /** For people: passwords and keys among the Kafka properties are stars. */
    public static String masked(Pipeline pipeline) {
        return OptionWriter.write(pipeline, List.of(LossCatalog.STANDARD), OptionWriter.Secrets.MASKED);
    }

    /** For {@link PipelineReader#read(String)}, which makes an equal pipeline of it. Holds passwords: not for logs. */
    public static String complete(Pipeline pipeline) {
        return OptionWriter.write(pipeline, List.of(LossCatalog.STANDARD), OptionWriter.Secrets.SHOWN);
    }
}
