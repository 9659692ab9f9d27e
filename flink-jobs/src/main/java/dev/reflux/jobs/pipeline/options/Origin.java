package dev.reflux.jobs.pipeline.options;

/**
 * Where a setting was written.
 *
 * @param source file name, environment variable or flag
 * @param line from 1; 0 where the source has no lines
 * @param column from 1; 0 where unknown
 */
public record Origin(String source, int line, int column) {

    static final Origin DEFAULT = new Origin("default", 0, 0);

    static Origin of(String source) {
        return new Origin(source, 0, 0);
    }

    @Override
    public String toString() {
        return line == 0 ? source : source + ":" + line;
    }
}
