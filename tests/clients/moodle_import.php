<?php
// Import each file into a course of its own, as the form "Import" does with its defaults, and answer every question
// with the answer that Moodle believes to be right, and with each wrong one that has a reply of its own. Prints counts;
// ends with 1 if anything failed.
define('CLI_SCRIPT', true);
require($argv[1]);
require_once($CFG->libdir . '/questionlib.php');
require_once($CFG->dirroot . '/question/format.php');
require_once($CFG->dirroot . '/question/format/xml/format.php');
require_once($CFG->dirroot . '/question/engine/lib.php');
require_once($CFG->dirroot . '/course/lib.php');

\core\session\manager::set_user(get_admin());
echo "Moodle {$CFG->release}, PHP " . PHP_VERSION . "\n";
set_exception_handler(function ($e) { echo $e->getMessage() . "\n" . $e->getTraceAsString() . "\n"; exit(1); });
$failed = false;
foreach (array_slice($argv, 2) as $number => $file) {
    $name = basename($file);
    $course = create_course((object) ['fullname' => "$name $number", 'shortname' => uniqid('import'), 'category' => 1]);
    $context = context_course::instance($course->id);
    $format = new qformat_xml();
    $format->setContexts([$context]);
    $format->setCourse($course);
    $format->setCategory(question_get_default_category($context->id) ?: question_make_default_categories([$context]));
    $format->setFilename($file);
    $format->setRealfilename($name);
    $format->setMatchgrades('error');
    $format->setCatfromfile(true);
    $format->setContextfromfile(false);
    $format->setStoponerror(true);
    $format->set_display_progress(false);
    ob_start();
    $good = $format->importpreprocess() && $format->importprocess() && $format->importpostprocess();
    $said = trim(html_to_text(ob_get_clean(), 0));
    if (!$good) {
        $failed = true;
        echo "$name: NOT imported: $said\n";
        continue;
    }
    $kinds = [];
    $wrong = [];
    $replies = 0;
    foreach ($format->questionids as $id) {
        $question = question_bank::load_question($id);
        $kind = $question->get_type_name();
        $kinds[$kind] = ($kinds[$kind] ?? 0) + 1;
        if ($kind === 'essay') {
            continue;
        }
        foreach (in_array($kind, ['shortanswer', 'numerical']) ? $question->answers : [] as $answer) {
            if ($answer->fraction > 0) {
                continue;
            }
            $typed = str_replace('\\*', '*', $answer->answer);
            $met = $kind === 'numerical' ? $question->get_matching_answer($typed, 1)
                : $question->get_matching_answer(['answer' => $typed]);
            if ($met && $met->id === $answer->id && trim($met->feedback) !== '') {
                $replies++;
            } else {
                $wrong[] = "$question->name (no reply to $typed)";
            }
        }
        $usage = question_engine::make_questions_usage_by_activity('core_question_preview', $context);
        $usage->set_preferred_behaviour('deferredfeedback');
        $slot = $usage->add_question($question, $question->defaultmark);
        $usage->start_all_questions();
        $usage->process_action($slot, $usage->get_correct_response($slot));
        $usage->finish_all_questions();
        if (abs($usage->get_question_mark($slot) - $question->defaultmark) > 0.001) {
            $wrong[] = $question->name . ' (' . $usage->get_question_mark($slot) . " of $question->defaultmark)";
        }
    }
    ksort($kinds);
    $failed = $failed || $wrong;
    echo "$name: " . count($format->questionids) . ' imported (';
    echo implode(', ', array_map(fn($kind, $count) => "$kind $count", array_keys($kinds), $kinds)) . ')';
    echo $wrong ? '; not fully marked: ' . implode(', ', $wrong) . "\n" : "; each right answer has full marks, each of $replies near ones its reply\n";
}
exit($failed ? 1 : 0);
