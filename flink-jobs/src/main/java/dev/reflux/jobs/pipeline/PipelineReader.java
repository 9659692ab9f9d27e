package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.InvalidOptionsException;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.OptionReader;
import dev.reflux.jobs.pipeline.options.Origin;
import dev.reflux.jobs.pipeline.options.Problem;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Reads pipeline files. Later settings win: file, then environment ({@code REFLUX_} and the option's path in upper case
 * with underscores, {@code REFLUX_KAFKA_BOOTSTRAPSERVERS}), then flags ({@code kafka.bootstrapServers=host:9092}). In
 * both, an element of a list is named by its number from 0 or by its {@code name}.
 */
public final class PipelineReader {

    private static final OptionReader<Pipeline> READER =
            new OptionReader<>(Pipeline.class, "REFLUX", List.of(LossCatalog.STANDARD));

    private PipelineReader() {}

    /**
     * Reads a text alone, such as {@link PipelineWriter} prints.
     *
     * @throws InvalidOptionsException with everything that is wrong
     * @throws OptionException for a network or a loss that does not fit the events
     */
    public static Pipeline read(String yaml) {
        return read("pipeline", yaml, Map.of(), List.of());
    }

    /**
     * Reads a file, the environment and flags.
     *
     * @param flags each {@code PATH=VALUE}
     * @throws InvalidOptionsException with everything that is wrong, also when there is no such file
     */
    public static Pipeline read(Path file, Map<String, String> environment, List<String> flags) {
        String source = file.getFileName() == null
                ? file.toString()
                : file.getFileName().toString();
        try {
            return read(source, Files.readString(file), environment, flags);
        } catch (NoSuchFileException e) {
            throw unreadable(file, "no such file");
        } catch (CharacterCodingException e) {
            throw unreadable(file, "not UTF-8 text; save it as UTF-8");
        } catch (IOException e) {
            throw unreadable(file, "cannot be read: " + e.getMessage());
        }
    }

    /**
     * As {@link #read(Path, Map, List)}, of a text.
     *
     * @param source what errors call the text
     */
    public static Pipeline read(String source, String yaml, Map<String, String> environment, List<String> flags) {
        Pipeline pipeline = READER.read(source, yaml, environment, flags);
        new NetworkPlan(pipeline).check();
        return pipeline;
    }

    private static InvalidOptionsException unreadable(Path file, String why) {
        return new InvalidOptionsException(List.of(new Problem(new Origin(file.toString(), 0, 0), "", why)));
    }
}
