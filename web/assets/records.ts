// What a declared form does while one fills it in.
import "./records/required";
import "./records/pictures";
import "./records/signature";
import "./records/face";
