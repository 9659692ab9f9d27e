package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.OptionTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Keeps the table of options in a Markdown file up to date, between two marker lines. */
public final class PipelineOptionsPage {

    static final String BEGIN = "<!-- options:begin -->";
    static final String END = "<!-- options:end -->";

    private PipelineOptionsPage() {}

    private static final String RULES = """
            Later settings win: the file, then the environment (`REFLUX_` and the path in upper case with underscores:
            `REFLUX_KAFKA_BOOTSTRAPSERVERS`), then flags (`--set kafka.bootstrapServers=host:9092`). In both, an element of a
            list is named by its number from 0 or by its `name`: `--set students.phone.optimizer.learningRate=0.1`. A mapping
            that is given in part keeps the rest of its default, as long as its `type` stays the same.

            """;

    /** The table of all options of a pipeline file, with the rules that hold for all of them. */
    public static String table() {
        return RULES + OptionTable.markdown(Pipeline.class, List.of(LossCatalog.STANDARD));
    }

    /**
     * The page with a fresh table in place of what stands between the markers.
     *
     * @throws IllegalArgumentException when a marker is missing or they are in the wrong order
     */
    public static String splice(String page) {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException("no place for the table of options; write the lines '" + BEGIN
                    + "' and '" + END + "' where it belongs");
        }
        return page.substring(0, begin + BEGIN.length()) + "\n\n" + table() + "\n" + page.substring(end);
    }

    /** Rewrites the file named by the first argument. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException(arguments.length + " arguments found, must be the file to rewrite");
        }
        Path file = Path.of(arguments[0]);
        Files.writeString(file, splice(Files.readString(file)));
    }
}
