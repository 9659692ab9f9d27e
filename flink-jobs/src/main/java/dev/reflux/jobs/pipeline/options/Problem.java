package dev.reflux.jobs.pipeline.options;

/**
 * One thing wrong in the settings.
 *
 * @param origin where it was written: file and line, environment variable or flag
 * @param path full path of the option, such as {@code students[0].optimizer.type}
 * @param rule value found, rule broken, how to mend
 */
public record Problem(Origin origin, String path, String rule) {

    @Override
    public String toString() {
        return origin + ": " + (path.isEmpty() ? rule : path + ": " + rule);
    }
}
