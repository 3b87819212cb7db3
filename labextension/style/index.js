import './kubeshark.css';
import './index.css';
